#include <array>

#include "dr/planning/iam_table.h"

namespace relight::dr {
// Of its own: IamScope's short names.
namespace iam_asleep_types {
using enum IamScope;

constexpr std::array kAsleepTypes{
    // What protects a load balancer. Associating asks the load balancer too ("Permissions for AssociateWebACL", AWS
    // WAF Developer Guide). `Unverified` against the handlers.
    IamType{"AWS::WAFv2::WebACL",
            "wafv2:CreateWebACL wafv2:UpdateWebACL wafv2:GetWebACL wafv2:TagResource wafv2:UntagResource "
            "wafv2:ListTagsForResource",
            kWebAcls},
    IamType{.type = "AWS::WAFv2::WebACL", .actions = "wafv2:DeleteWebACL", .scope = kWebAcls, .removes = true},
    IamType{"AWS::WAFv2::WebACLAssociation",
            "wafv2:AssociateWebACL wafv2:DisassociateWebACL wafv2:GetWebACLForResource wafv2:GetWebACL", kWebAcls},
    IamType{"AWS::WAFv2::WebACLAssociation", "elasticloadbalancing:SetWebAcl", kAny},
    // What runs without a visitor: operations of the services' API references, `unverified` against the
    // handlers.
    IamType{
        "AWS::Lambda::Function",
        "lambda:CreateFunction lambda:GetFunction lambda:GetFunctionCodeSigningConfig "
        "lambda:UpdateFunctionCode "
        "lambda:UpdateFunctionConfiguration lambda:PutFunctionConcurrency lambda:DeleteFunctionConcurrency "
        "lambda:TagResource lambda:UntagResource lambda:ListTags",
        kFunction},
    IamType{"AWS::Lambda::Function", "s3:GetObject", kCode},
    IamType{.type = "AWS::Lambda::Function",
            .actions = "iam:PassRole",
            .scope = kRole,
            .key = "iam:PassedToService",
            .value = "lambda.amazonaws.com"},
    // A function in a VPC gets network interfaces ("Lambda execution role", and these of whoever makes it).
    IamType{.type = "AWS::Lambda::Function",
            .actions = "ec2:DescribeSecurityGroups ec2:DescribeSubnets ec2:DescribeVpcs",
            .scope = kAny,
            .property = "VpcConfig"},
    IamType{.type = "AWS::Lambda::Function",
            .actions = "kms:CreateGrant kms:Decrypt kms:DescribeKey kms:Encrypt",
            .scope = kKeys,
            .property = "KmsKeyArn"},
    IamType{.type = "AWS::Lambda::Function",
            .actions = "lambda:DeleteFunction",
            .scope = kFunction,
            .removes = true},
    IamType{"AWS::Lambda::EventSourceMapping", "lambda:CreateEventSourceMapping", kAny},
    IamType{"AWS::Lambda::EventSourceMapping",
            "lambda:GetEventSourceMapping lambda:UpdateEventSourceMapping lambda:TagResource lambda:ListTags",
            kMapping},
    IamType{.type = "AWS::Lambda::EventSourceMapping",
            .actions = "lambda:DeleteEventSourceMapping",
            .scope = kMapping,
            .removes = true},
    IamType{"AWS::Lambda::Permission", "lambda:AddPermission lambda:RemovePermission lambda:GetPolicy",
            kFunction},
    IamType{
        "AWS::Events::Rule",
        "events:PutRule events:DescribeRule events:PutTargets events:RemoveTargets events:ListTargetsByRule "
        "events:DisableRule events:TagResource events:UntagResource events:ListTagsForResource",
        kRule},
    IamType{.type = "AWS::Events::Rule",
            .actions = "iam:PassRole",
            .scope = kRole,
            .key = "iam:PassedToService",
            .value = "events.amazonaws.com"},
    IamType{.type = "AWS::Events::Rule", .actions = "events:DeleteRule", .scope = kRule, .removes = true},
    IamType{"AWS::SQS::Queue",
            "sqs:CreateQueue sqs:GetQueueUrl sqs:GetQueueAttributes sqs:SetQueueAttributes sqs:TagQueue "
            "sqs:UntagQueue "
            "sqs:ListQueueTags",
            kQueue},
    IamType{.type = "AWS::SQS::Queue", .actions = "sqs:DeleteQueue", .scope = kQueue, .removes = true},
    IamType{"AWS::SQS::QueuePolicy", "sqs:SetQueueAttributes sqs:GetQueueAttributes", kQueue},
    IamType{"AWS::SNS::Topic",
            "sns:CreateTopic sns:GetTopicAttributes sns:SetTopicAttributes sns:TagResource sns:UntagResource "
            "sns:ListTagsForResource sns:ListSubscriptionsByTopic sns:GetDataProtectionPolicy",
            kTopic},
    IamType{.type = "AWS::SNS::Topic", .actions = "sns:DeleteTopic", .scope = kTopic, .removes = true},
    IamType{"AWS::SNS::TopicPolicy", "sns:SetTopicAttributes sns:GetTopicAttributes", kTopic},
    IamType{"AWS::SNS::Subscription",
            "sns:Subscribe sns:Unsubscribe sns:GetSubscriptionAttributes sns:SetSubscriptionAttributes "
            "sns:ListSubscriptionsByTopic",
            kTopic},
    IamType{"AWS::ApplicationAutoScaling::ScalableTarget",
            "application-autoscaling:RegisterScalableTarget application-autoscaling:PutScheduledAction "
            "application-autoscaling:DeleteScheduledAction application-autoscaling:ListTagsForResource",
            kScaling},
    IamType{
        "AWS::ApplicationAutoScaling::ScalableTarget",
        "application-autoscaling:DescribeScalableTargets application-autoscaling:DescribeScheduledActions",
        kAny},
    IamType{.type = "AWS::ApplicationAutoScaling::ScalableTarget",
            .actions = "iam:CreateServiceLinkedRole",
            .scope = kLinkedRole,
            .key = "iam:AWSServiceName",
            .value = "ecs.application-autoscaling.amazonaws.com"},
    IamType{.type = "AWS::ApplicationAutoScaling::ScalableTarget",
            .actions = "application-autoscaling:DeregisterScalableTarget",
            .scope = kScaling,
            .removes = true},
    IamType{"AWS::ApplicationAutoScaling::ScalingPolicy",
            "application-autoscaling:PutScalingPolicy application-autoscaling:DeleteScalingPolicy", kScaling},
    IamType{"AWS::ApplicationAutoScaling::ScalingPolicy", "application-autoscaling:DescribeScalingPolicies",
            kAny},
    IamType{"AWS::ApplicationAutoScaling::ScalingPolicy",
            "cloudwatch:PutMetricAlarm cloudwatch:DescribeAlarms cloudwatch:DeleteAlarms", kScalingAlarms},
    IamType{"AWS::SSM::Parameter",
            "ssm:PutParameter ssm:GetParameters ssm:AddTagsToResource ssm:ListTagsForResource", kSetting},
    IamType{
        .type = "AWS::SSM::Parameter", .actions = "ssm:DeleteParameter", .scope = kSetting, .removes = true},
    IamType{"AWS::KMS::Key", "kms:CreateKey", kAny},
    IamType{
        "AWS::KMS::Key",
        "kms:DescribeKey kms:GetKeyPolicy kms:PutKeyPolicy kms:GetKeyRotationStatus kms:EnableKeyRotation "
        "kms:DisableKeyRotation kms:UpdateKeyDescription kms:TagResource kms:UntagResource "
        "kms:ListResourceTags",
        kKeys},
    IamType{.type = "AWS::KMS::Key", .actions = "kms:ScheduleKeyDeletion", .scope = kKeys, .removes = true},
    IamType{"AWS::KMS::Alias", "kms:CreateAlias kms:UpdateAlias kms:DeleteAlias", kKeyAlias},
    IamType{"AWS::KMS::Alias", "kms:ListAliases", kAny},
};

}  // namespace iam_asleep_types

std::span<const IamType> iam_types_asleep() { return iam_asleep_types::kAsleepTypes; }

}  // namespace relight::dr
