"""An application whose tasks reach the world through a NAT gateway: the pilot has none, for it costs by the hour, until a failover makes it."""
import unittest

from stage import PRIMARY, RECOVERY, Story, until


class Gateways(Story):
    def ec2(self, operation, region=PRIMARY, **given):
        return self.box.api(region, "ec2", operation, **given)

    def stands(self, region=RECOVERY):
        return [g for g in self.ec2("DescribeNatGateways", region).get("NatGateways", []) if g["State"] != "deleted"]

    def setUp(self):
        super().setUp()
        # Not the account's default VPC, which has a subnet and a way out too.
        vpc = {"Name": "vpc-id", "Values": [self.box.api(PRIMARY, "elbv2", "DescribeLoadBalancers")["LoadBalancers"][0]["VpcId"]]}
        subnet = self.ec2("DescribeSubnets", Filters=[vpc])["Subnets"][0]
        address = self.ec2("AllocateAddress", Domain="vpc")["AllocationId"]
        gateway = self.ec2("CreateNatGateway", SubnetId=subnet["SubnetId"], AllocationId=address)["NatGateway"]["NatGatewayId"]
        until("it is available", lambda: self.stands(PRIMARY)[0]["State"] == "available")
        table = next(t for t in self.ec2("DescribeRouteTables", Filters=[vpc])["RouteTables"] if any(r.get("GatewayId", "").startswith("igw") for r in t["Routes"]))
        self.ec2("CreateRoute", RouteTableId=table["RouteTableId"], DestinationCidrBlock="192.0.2.0/24", NatGatewayId=gateway)
        self.box.env |= {"RELIGHT_PARAMETER_DB_PASSWORD": self.box.env["RELIGHT_DB_PASSWORD"], "GIT_CEILING_DIRECTORIES": str(self.home.parent)}
        for words in (("capture",), ("synth",), ("deploy", "--yes", "--touch-primary")):
            self.relight(*words)

    def lit(self):
        stack = self.box.api(RECOVERY, "cloudformation", "DescribeStacks", StackName="lamp-pilot")["Stacks"][0]
        return next(p["ParameterValue"] for p in stack["Parameters"] if p["ParameterKey"] == "Lit")

    def test_a_failover_makes_them_and_the_stack_knows(self):
        self.assertEqual((self.lit(), self.stands()), ("false", []))
        self.assertIn("cloudformation:UpdateStack lamp-pilot Lit=true", self.relight("failover", "--plan").stdout)
        self.box("lose", PRIMARY)
        self.relight("failover", "--yes", "--accept-unproven-fence", "--accept-loss", "unknown")
        self.assertEqual(self.lit(), "true")
        gateways = self.stands()
        self.assertEqual([g["State"] for g in gateways], ["available"])
        routes = [r for t in self.ec2("DescribeRouteTables", RECOVERY)["RouteTables"] for r in t["Routes"]]
        self.assertIn(("192.0.2.0/24", gateways[0]["NatGatewayId"]), [(r.get("DestinationCidrBlock"), r.get("NatGatewayId")) for r in routes])
        self.assertEqual(self.post("after"), 201)


if __name__ == "__main__":
    unittest.main()
