// The table: CloudFormation's types and properties in the words of hashicorp/aws.
#include <array>

#include "dr/view/terraform_value.h"

namespace relight::dr::view {
namespace {

constexpr std::array kTypes{
    TerraformType{
        "AWS::EC2::VPC", "aws_vpc", "id",
        "VpcId=id CidrBlock=cidr_block DefaultSecurityGroup=default_security_group_id",
        "CidrBlock=cidr_block EnableDnsSupport=enable_dns_support EnableDnsHostnames=enable_dns_hostnames "
        "InstanceTenancy=instance_tenancy"},
    TerraformType{"AWS::EC2::Subnet", "aws_subnet", "id", "",
                  "VpcId=vpc_id CidrBlock=cidr_block AvailabilityZone=availability_zone "
                  "MapPublicIpOnLaunch=map_public_ip_on_launch"},
    TerraformType{"AWS::EC2::InternetGateway", "aws_internet_gateway", "id", "", ""},
    TerraformType{"AWS::EC2::VPCGatewayAttachment", "aws_internet_gateway_attachment", "id", "",
                  "VpcId=vpc_id InternetGatewayId=internet_gateway_id"},
    TerraformType{"AWS::EC2::EIP", "aws_eip", "public_ip", "AllocationId=allocation_id", "Domain=domain"},
    TerraformType{"AWS::EC2::NatGateway", "aws_nat_gateway", "id", "",
                  "SubnetId=subnet_id AllocationId=allocation_id ConnectivityType=connectivity_type"},
    TerraformType{"AWS::EC2::RouteTable", "aws_route_table", "id", "", "VpcId=vpc_id"},
    TerraformType{"AWS::EC2::Route", "aws_route", "id", "",
                  "RouteTableId=route_table_id DestinationCidrBlock=destination_cidr_block "
                  "GatewayId=gateway_id NatGatewayId=nat_gateway_id"},
    TerraformType{"AWS::EC2::SubnetRouteTableAssociation", "aws_route_table_association", "id", "",
                  "RouteTableId=route_table_id SubnetId=subnet_id"},
    TerraformType{"AWS::EC2::NetworkAcl", "aws_network_acl", "id", "", "VpcId=vpc_id"},
    TerraformType{"AWS::EC2::NetworkAclEntry", "aws_network_acl_rule", "id", "",
                  "NetworkAclId=network_acl_id RuleNumber=rule_number Egress=egress Protocol=protocol "
                  "RuleAction=rule_action "
                  "CidrBlock=cidr_block Ipv6CidrBlock=ipv6_cidr_block"},
    TerraformType{"AWS::EC2::SubnetNetworkAclAssociation", "aws_network_acl_association", "id", "",
                  "NetworkAclId=network_acl_id SubnetId=subnet_id"},
    TerraformType{
        "AWS::EC2::VPCEndpoint", "aws_vpc_endpoint", "id", "",
        "VpcId=vpc_id ServiceName=service_name VpcEndpointType=vpc_endpoint_type "
        "RouteTableIds=route_table_ids "
        "SubnetIds=subnet_ids SecurityGroupIds=security_group_ids PrivateDnsEnabled=private_dns_enabled"},
    TerraformType{"AWS::EC2::SecurityGroup", "aws_security_group", "id", "GroupId=id",
                  "GroupDescription=description VpcId=vpc_id"},
    TerraformType{
        "AWS::EC2::SecurityGroupIngress", "aws_vpc_security_group_ingress_rule", "id", "",
        "GroupId=security_group_id IpProtocol=ip_protocol FromPort=from_port ToPort=to_port CidrIp=cidr_ipv4 "
        "CidrIpv6=cidr_ipv6 SourceSecurityGroupId=referenced_security_group_id Description=description"},
    TerraformType{
        "AWS::EC2::SecurityGroupEgress", "aws_vpc_security_group_egress_rule", "id", "",
        "GroupId=security_group_id IpProtocol=ip_protocol FromPort=from_port ToPort=to_port CidrIp=cidr_ipv4 "
        "CidrIpv6=cidr_ipv6 DestinationSecurityGroupId=referenced_security_group_id Description=description"},
    TerraformType{"AWS::IAM::Role", "aws_iam_role", "name", "Arn=arn", "Description=description Path=path"},
    TerraformType{"AWS::S3::Bucket", "aws_s3_bucket", "bucket", "Arn=arn", "BucketName=bucket"},
    TerraformType{"AWS::S3::BucketPolicy", "aws_s3_bucket_policy", "id", "", "Bucket=bucket"},
    TerraformType{"AWS::RDS::DBSubnetGroup", "aws_db_subnet_group", "name", "",
                  "DBSubnetGroupDescription=description SubnetIds=subnet_ids"},
    TerraformType{"AWS::RDS::DBParameterGroup", "aws_db_parameter_group", "name", "",
                  "Family=family Description=description"},
    TerraformType{"AWS::RDS::OptionGroup", "aws_db_option_group", "name", "",
                  "EngineName=engine_name MajorEngineVersion=major_engine_version "
                  "OptionGroupDescription=option_group_description"},
    TerraformType{"AWS::RDS::DBInstance", "aws_db_instance", "identifier",
                  "Endpoint.Address=address Endpoint.Port=port DBInstanceArn=arn",
                  "DBInstanceIdentifier=identifier SourceDBInstanceIdentifier=replicate_source_db "
                  "DBInstanceClass=instance_class "
                  "DBSubnetGroupName=db_subnet_group_name DBParameterGroupName=parameter_group_name "
                  "OptionGroupName=option_group_name "
                  "VPCSecurityGroups=vpc_security_group_ids "
                  "PubliclyAccessible=publicly_accessible DeletionProtection=deletion_protection "
                  "CopyTagsToSnapshot=copy_tags_to_snapshot "
                  "AutoMinorVersionUpgrade=auto_minor_version_upgrade StorageType=storage_type Iops=iops "
                  "KmsKeyId=kms_key_id"},
    TerraformType{"AWS::ElasticLoadBalancingV2::LoadBalancer", "aws_lb", "arn",
                  "DNSName=dns_name CanonicalHostedZoneID=zone_id LoadBalancerFullName=arn_suffix",
                  "Type=load_balancer_type Subnets=subnets SecurityGroups=security_groups "
                  "IpAddressType=ip_address_type"},
    TerraformType{
        "AWS::ElasticLoadBalancingV2::TargetGroup", "aws_lb_target_group", "arn",
        "TargetGroupFullName=arn_suffix",
        "Protocol=protocol Port=port ProtocolVersion=protocol_version TargetType=target_type VpcId=vpc_id"},
    TerraformType{"AWS::ElasticLoadBalancingV2::Listener", "aws_lb_listener", "arn", "",
                  "LoadBalancerArn=load_balancer_arn Port=port Protocol=protocol SslPolicy=ssl_policy"},
    TerraformType{"AWS::ElasticLoadBalancingV2::ListenerRule", "aws_lb_listener_rule", "arn", "",
                  "ListenerArn=listener_arn Priority=priority"},
    TerraformType{"AWS::WAFv2::WebACL", "aws_wafv2_web_acl", "id", "Arn=arn Id=id Capacity=capacity",
                  "Name=name Scope=scope Description=description TokenDomains=token_domains"},
    TerraformType{"AWS::WAFv2::WebACLAssociation", "aws_wafv2_web_acl_association", "id", "",
                  "ResourceArn=resource_arn WebACLArn=web_acl_arn"},
    TerraformType{"AWS::Logs::LogGroup", "aws_cloudwatch_log_group", "name", "Arn=arn",
                  "LogGroupName=name RetentionInDays=retention_in_days KmsKeyId=kms_key_id "
                  "LogGroupClass=log_group_class"},
    TerraformType{"AWS::Lambda::Function", "aws_lambda_function", "function_name", "Arn=arn",
                  "FunctionName=function_name Role=role Handler=handler Runtime=runtime Timeout=timeout "
                  "MemorySize=memory_size Description=description Architectures=architectures "
                  "PackageType=package_type Layers=layers KmsKeyArn=kms_key_arn "
                  "ReservedConcurrentExecutions=reserved_concurrent_executions"},
    TerraformType{
        "AWS::Lambda::EventSourceMapping", "aws_lambda_event_source_mapping", "uuid", "Id=uuid",
        "FunctionName=function_name EventSourceArn=event_source_arn Enabled=enabled BatchSize=batch_size "
        "MaximumBatchingWindowInSeconds=maximum_batching_window_in_seconds "
        "ParallelizationFactor=parallelization_factor StartingPosition=starting_position "
        "MaximumRecordAgeInSeconds=maximum_record_age_in_seconds "
        "BisectBatchOnFunctionError=bisect_batch_on_function_error "
        "MaximumRetryAttempts=maximum_retry_attempts TumblingWindowInSeconds=tumbling_window_in_seconds "
        "FunctionResponseTypes=function_response_types"},
    TerraformType{"AWS::Lambda::Permission", "aws_lambda_permission", "id", "",
                  "FunctionName=function_name Action=action Principal=principal SourceArn=source_arn "
                  "SourceAccount=source_account PrincipalOrgID=principal_org_id "
                  "FunctionUrlAuthType=function_url_auth_type"},
    TerraformType{"AWS::Events::Rule", "aws_cloudwatch_event_rule", "name", "Arn=arn",
                  "Name=name Description=description ScheduleExpression=schedule_expression State=state "
                  "RoleArn=role_arn EventBusName=event_bus_name"},
    TerraformType{"AWS::SQS::Queue", "aws_sqs_queue", "url", "Arn=arn QueueName=name",
                  "QueueName=name VisibilityTimeout=visibility_timeout_seconds "
                  "MessageRetentionPeriod=message_retention_seconds MaximumMessageSize=max_message_size "
                  "DelaySeconds=delay_seconds ReceiveMessageWaitTimeSeconds=receive_wait_time_seconds "
                  "FifoQueue=fifo_queue ContentBasedDeduplication=content_based_deduplication "
                  "DeduplicationScope=deduplication_scope FifoThroughputLimit=fifo_throughput_limit "
                  "KmsMasterKeyId=kms_master_key_id "
                  "KmsDataKeyReusePeriodSeconds=kms_data_key_reuse_period_seconds "
                  "SqsManagedSseEnabled=sqs_managed_sse_enabled"},
    TerraformType{"AWS::SQS::QueuePolicy", "aws_sqs_queue_policy", "id", "", ""},
    TerraformType{"AWS::SNS::Topic", "aws_sns_topic", "arn", "TopicName=name",
                  "TopicName=name DisplayName=display_name FifoTopic=fifo_topic "
                  "ContentBasedDeduplication=content_based_deduplication KmsMasterKeyId=kms_master_key_id "
                  "TracingConfig=tracing_config SignatureVersion=signature_version"},
    TerraformType{"AWS::SNS::TopicPolicy", "aws_sns_topic_policy", "id", "", ""},
    TerraformType{"AWS::SNS::Subscription", "aws_sns_topic_subscription", "arn", "",
                  "TopicArn=topic_arn Protocol=protocol Endpoint=endpoint "
                  "RawMessageDelivery=raw_message_delivery FilterPolicyScope=filter_policy_scope"},
    TerraformType{
        "AWS::ApplicationAutoScaling::ScalableTarget", "aws_appautoscaling_target", "id", "",
        "ServiceNamespace=service_namespace ResourceId=resource_id ScalableDimension=scalable_dimension "
        "MinCapacity=min_capacity MaxCapacity=max_capacity"},
    TerraformType{"AWS::ApplicationAutoScaling::ScalingPolicy", "aws_appautoscaling_policy", "arn", "",
                  "PolicyName=name PolicyType=policy_type"},
    TerraformType{"AWS::SSM::Parameter", "aws_ssm_parameter", "name", "",
                  "Name=name Type=type Value=value Description=description AllowedPattern=allowed_pattern "
                  "DataType=data_type Tier=tier"},
    TerraformType{"AWS::KMS::Key", "aws_kms_key", "key_id", "Arn=arn KeyId=key_id",
                  "Description=description EnableKeyRotation=enable_key_rotation "
                  "KeySpec=customer_master_key_spec KeyUsage=key_usage"},
    TerraformType{"AWS::KMS::Alias", "aws_kms_alias", "name", "", "AliasName=name TargetKeyId=target_key_id"},
    TerraformType{"AWS::ECS::Cluster", "aws_ecs_cluster", "name", "Arn=arn", ""},
    TerraformType{
        "AWS::ECS::TaskDefinition", "aws_ecs_task_definition", "arn", "",
        "Family=family NetworkMode=network_mode RequiresCompatibilities=requires_compatibilities Cpu=cpu "
        "Memory=memory "
        "ExecutionRoleArn=execution_role_arn TaskRoleArn=task_role_arn PidMode=pid_mode IpcMode=ipc_mode"},
    TerraformType{
        "AWS::ECS::Service", "aws_ecs_service", "id", "Name=name",
        "Cluster=cluster TaskDefinition=task_definition LaunchType=launch_type DesiredCount=desired_count "
        "PlatformVersion=platform_version HealthCheckGracePeriodSeconds=health_check_grace_period_seconds "
        "EnableExecuteCommand=enable_execute_command PropagateTags=propagate_tags "
        "SchedulingStrategy=scheduling_strategy"},
    TerraformType{"AWS::Route53::HostedZone", "aws_route53_zone", "zone_id", "Id=zone_id", "Name=name"},
    TerraformType{"AWS::Route53::HealthCheck", "aws_route53_health_check", "id", "", ""},
    TerraformType{"AWS::Route53::RecordSet", "aws_route53_record", "name", "",
                  "HostedZoneId=zone_id Name=name Type=type SetIdentifier=set_identifier "
                  "HealthCheckId=health_check_id TTL=ttl "
                  "ResourceRecords=records"},
    TerraformType{
        "AWS::CloudWatch::Alarm", "aws_cloudwatch_metric_alarm", "alarm_name", "Arn=arn",
        "AlarmDescription=alarm_description Namespace=namespace MetricName=metric_name Statistic=statistic "
        "ExtendedStatistic=extended_statistic Period=period EvaluationPeriods=evaluation_periods "
        "DatapointsToAlarm=datapoints_to_alarm Threshold=threshold ComparisonOperator=comparison_operator "
        "TreatMissingData=treat_missing_data ActionsEnabled=actions_enabled Unit=unit "
        "AlarmActions=alarm_actions "
        "OKActions=ok_actions InsufficientDataActions=insufficient_data_actions"}};

}  // namespace

const TerraformType* terraform_type(std::string_view cloudformation) {
  for (auto& t : kTypes)
    if (t.cloudformation == cloudformation) return &t;
  return nullptr;
}

}  // namespace relight::dr::view
