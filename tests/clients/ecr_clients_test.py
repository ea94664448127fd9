"""A container registry for clients that speak its HTTP API, in front of ECR's: images pushed, copied to the other region, and run by tasks."""
import base64
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import unittest
import urllib.error
import urllib.request

from sandbox import BINARY, FAST, ClientStory

ROOT = pathlib.Path(__file__).resolve().parents[2]
ACCOUNT, EAST, WEST = "000000000000", "us-east-1", "us-west-2"
SKOPEO = os.environ.get("RELIGHT_SKOPEO") or shutil.which("skopeo")


def host(region):
    return f"{ACCOUNT}.dkr.ecr.{region}.amazonaws.com"


class Registry:
    """A client of its own: one login, one region, over the endpoint that serves all of them."""

    def __init__(self, url, region, login):
        self.url, self.host, self.login = url, host(region), login

    def ask(self, method, path, data=None, kind="application/octet-stream"):
        asked = urllib.request.Request(self.url + path, data=data, method=method,
                                       headers={"Host": self.host, "Authorization": f"Basic {self.login}", "Content-Type": kind})
        try:
            with urllib.request.urlopen(asked, timeout=60) as r:
                return r.status, dict(r.headers), r.read()
        except urllib.error.HTTPError as e:
            return e.code, dict(e.headers), e.read()

    def push(self, layout, name, tag):
        """An OCI layout's image; its digest."""
        blob = lambda digest: (pathlib.Path(layout) / "blobs/sha256" / digest.removeprefix("sha256:")).read_bytes()
        index = json.loads((pathlib.Path(layout) / "index.json").read_text())["manifests"][0]
        manifest = json.loads(blob(index["digest"]))
        for part in [manifest["config"], *manifest["layers"]]:
            if self.ask("HEAD", f"/v2/{name}/blobs/{part['digest']}")[0] == 200:
                continue
            where = self.ask("POST", f"/v2/{name}/blobs/uploads/", b"")[1]["Location"]
            self.ask("PATCH", where, blob(part["digest"]))
            status = self.ask("PUT", f"{where}?digest={part['digest']}", b"")
            assert status[0] == 201, status
        status = self.ask("PUT", f"/v2/{name}/manifests/{tag}", blob(index["digest"]), index["mediaType"])
        assert status[0] == 201, status
        return index["digest"]


class Ecr(ClientStory):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.image = pathlib.Path(cls.box.dir) / "image"
        subprocess.run([ROOT / "examples/lamp/image/assemble", cls.image], check=True, capture_output=True)

    def registry(self, region=EAST):
        token = self.box.client(region, "ecr").get_authorization_token()["authorizationData"][0]
        self.assertEqual(token["proxyEndpoint"], f"https://{host(region)}")
        self.assertTrue(base64.b64decode(token["authorizationToken"]).startswith(b"AWS:"))
        return Registry(self.box.url, region, token["authorizationToken"])

    def tags(self, region, name):
        try:
            return sorted(i.get("imageTag", "") for i in self.box.client(region, "ecr").list_images(repositoryName=name)["imageIds"])
        except self.box.client(region, "ecr").exceptions.RepositoryNotFoundException:
            return None

    def test_an_image_is_pushed_pulled_and_copied_to_the_other_region(self):
        ecr = self.box.client(EAST, "ecr")
        ecr.create_repository(repositoryName="story/web")
        ecr.put_replication_configuration(replicationConfiguration={"rules": [{"destinations": [{"region": WEST, "registryId": ACCOUNT}],
                                          "repositoryFilters": [{"filter": "story", "filterType": "PREFIX_MATCH"}]}]})
        digest = self.registry().push(self.image, "story/web", "v1")
        self.assertEqual(ecr.describe_images(repositoryName="story/web")["imageDetails"][0]["imageDigest"], digest)
        self.box.eventually(lambda: self.tags(WEST, "story/web") == ["v1"])
        status, headers, manifest = self.registry(WEST).ask("GET", "/v2/story/web/manifests/v1")
        self.assertEqual((status, headers["Docker-Content-Digest"]), (200, digest))
        for layer in json.loads(manifest)["layers"]:
            body = self.registry(WEST).ask("GET", f"/v2/story/web/blobs/{layer['digest']}")[2]
            self.assertEqual("sha256:" + hashlib.sha256(body).hexdigest(), layer["digest"])

    def test_a_layer_comes_in_pieces_as_from_s3(self):
        ecr = self.box.client(EAST, "ecr")
        ecr.create_repository(repositoryName="pieces")
        digest = self.registry().push(self.image, "pieces", "v1")
        manifest = json.loads(ecr.batch_get_image(repositoryName="pieces", imageIds=[{"imageDigest": digest}])["images"][0]["imageManifest"])
        config = manifest["config"]
        url = ecr.get_download_url_for_layer(repositoryName="pieces", layerDigest=config["digest"])["downloadUrl"]
        whole = b""
        for first in range(0, config["size"], 100):
            with urllib.request.urlopen(urllib.request.Request(url, headers={"Range": f"bytes={first}-{first + 99}"})) as answer:
                piece = answer.read()
                self.assertEqual((answer.status, answer.headers["Content-Range"]),
                                 (206, f"bytes {first}-{first + len(piece) - 1}/{config['size']}"))
                whole += piece
        self.assertEqual("sha256:" + hashlib.sha256(whole).hexdigest(), config["digest"])

    def test_a_wrong_login_is_refused_with_how_to_log_in(self):
        wrong = Registry(self.box.url, EAST, base64.b64encode(b"AWS:wrong").decode())
        status, headers, _ = wrong.ask("GET", "/v2/")
        self.assertEqual(status, 401)
        self.assertIn("Basic realm", headers["Www-Authenticate"])

    def test_a_task_runs_what_the_registry_has_and_nothing_else(self):
        ecr = self.box.client(EAST, "ecr")
        ecr.create_repository(repositoryName="task")
        self.registry().push(self.image, "task", "v1")
        role = self.c("iam").create_role(RoleName="pull", AssumeRolePolicyDocument=json.dumps(
            {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}]}))

        def run(tag, region=EAST):
            ecs, ec2 = self.box.client(region, "ecs"), self.box.client(region, "ec2")
            subnet = ec2.describe_subnets(Filters=[{"Name": "default-for-az", "Values": ["true"]}])["Subnets"][0]["SubnetId"]
            ecs.create_cluster(clusterName="registry")
            ecs.register_task_definition(family="registry", networkMode="awsvpc", requiresCompatibilities=["FARGATE"], cpu="256", memory="512",
                                         executionRoleArn=role["Role"]["Arn"],
                                         containerDefinitions=[{"name": "web", "image": f"{host(region)}/task:{tag}"}])
            return ecs.run_task(cluster="registry", taskDefinition="registry", launchType="FARGATE",
                                networkConfiguration={"awsvpcConfiguration": {"subnets": [subnet]}})["tasks"][0]["taskArn"]

        def described(task, region=EAST):
            return self.box.client(region, "ecs").describe_tasks(cluster="registry", tasks=[task])["tasks"][0]
        good, ecs = run("v1"), self.box.client(EAST, "ecs")
        ecs.get_waiter("tasks_running").wait(cluster="registry", tasks=[good], WaiterConfig=FAST)
        digest = ecr.describe_images(repositoryName="task")["imageDetails"][0]["imageDigest"]
        self.assertEqual(described(good)["containers"][0]["imageDigest"], digest)
        ecs.stop_task(cluster="registry", task=good)
        bad = run("v2")
        self.box.eventually(lambda: described(bad)["lastStatus"] == "STOPPED")
        self.assertEqual(described(bad)["stopCode"], "TaskFailedToStart")
        self.assertRegex(described(bad)["stoppedReason"], "CannotPullContainerError.*task:v2.*not found")
        # Each region's registry is its own.
        alone = run("v1", WEST)
        self.box.eventually(lambda: described(alone, WEST)["lastStatus"] == "STOPPED")
        self.assertRegex(described(alone, WEST)["stoppedReason"], "CannotPullContainerError.*task:v1.*does not exist")

    def test_a_lifecycle_policy_thins_out_what_is_pushed(self):
        ecr = self.box.client(EAST, "ecr")
        ecr.create_repository(repositoryName="thin")
        keep = {"rules": [{"rulePriority": 1, "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 1},
                           "action": {"type": "expire"}}]}
        ecr.put_lifecycle_policy(repositoryName="thin", lifecyclePolicyText=json.dumps(keep))
        layer = b"layer"
        for n in range(2):
            client, config = self.registry(), json.dumps({"n": n}).encode()
            for blob in (layer, config):
                digest = "sha256:" + hashlib.sha256(blob).hexdigest()
                client.ask("POST", f"/v2/thin/blobs/uploads/?digest={digest}", blob)
            manifest = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
                        "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "size": len(config),
                                   "digest": "sha256:" + hashlib.sha256(config).hexdigest()},
                        "layers": [{"mediaType": "application/vnd.oci.image.layer.v1.tar", "size": len(layer),
                                    "digest": "sha256:" + hashlib.sha256(layer).hexdigest()}]}
            status, _, said = client.ask("PUT", f"/v2/thin/manifests/v{n}", json.dumps(manifest).encode(), manifest["mediaType"])
            self.assertEqual(status, 201, said)
        self.box.eventually(lambda: self.tags(EAST, "thin") == ["v1"])

    def inside(self, words, **more):
        env = {k: v for k, v in self.box.env.items() if not k.startswith("AWS_")}
        done = subprocess.run([BINARY, "--dir", self.box.dir, "shell", "--", "sh", "-ec", words], capture_output=True, text=True,
                              env=env | more, timeout=300)
        self.assertEqual(done.returncode, 0, done.stderr + done.stdout)
        return done.stdout

    def test_its_hosts_answer_over_https_in_a_shell(self):
        for region in (EAST, WEST):
            self.assertEqual(self.inside(f"curl -sS -o /dev/null -w %{{http_code}} https://{host(region)}/v2/"), "401")
            self.assertEqual(self.inside(f'curl -sS -o /dev/null -w %{{http_code}} -u "AWS:$(/usr/bin/aws ecr get-login-password --region {region})" '
                                         f"https://{host(region)}/v2/"), "200")

    @unittest.skipUnless(SKOPEO, "skopeo is not installed: tools/install-dependencies")
    def test_skopeo_copies_to_and_from_it_by_aws_s_own_host_name(self):
        self.box.client(EAST, "ecr").create_repository(repositoryName="skopeo")
        out, auth = pathlib.Path(self.box.dir) / "pulled", pathlib.Path(self.box.dir) / "auth.json"
        known = {"S": SKOPEO, "REGISTRY": host(EAST), "IMAGE": str(self.image), "OUT": str(out), "REGISTRY_AUTH_FILE": str(auth)}
        self.inside('/usr/bin/aws ecr get-login-password --region us-east-1 | "$S" login --username AWS --password-stdin "$REGISTRY"', **known)
        self.inside('"$S" --insecure-policy copy "oci:$IMAGE" "docker://$REGISTRY/skopeo:v1"', **known)
        seen = json.loads(self.inside('"$S" --insecure-policy inspect "docker://$REGISTRY/skopeo:v1"', **known))
        self.assertEqual(seen["RepoTags"], ["v1"])
        self.inside('"$S" --insecure-policy copy "docker://$REGISTRY/skopeo:v1" "oci:$OUT"', **known)
        digest = json.loads((out / "index.json").read_text())["manifests"][0]["digest"]
        self.assertEqual(self.box.client(EAST, "ecr").describe_images(repositoryName="skopeo")["imageDetails"][0]["imageDigest"], digest)


if __name__ == "__main__":
    unittest.main(warnings="ignore")
