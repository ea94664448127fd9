// The services that resource types are made of.
#include <string_view>

#include "aws/gen/acm.h"
#include "aws/gen/applicationautoscaling.h"
#include "aws/gen/cloudwatch.h"
#include "aws/gen/ec2.h"
#include "aws/gen/ecr.h"
#include "aws/gen/ecs.h"
#include "aws/gen/elbv2.h"
#include "aws/gen/events.h"
#include "aws/gen/iam.h"
#include "aws/gen/lambda.h"
#include "aws/gen/kms.h"
#include "aws/gen/logs.h"
#include "aws/gen/rds.h"
#include "aws/gen/route53.h"
#include "aws/gen/s3.h"
#include "aws/gen/secretsmanager.h"
#include "aws/gen/sns.h"
#include "aws/gen/sqs.h"
#include "aws/gen/ssm.h"
#include "aws/gen/wafv2.h"
#include "sandbox/services/cloudformation/types.h"

namespace relight::sandbox::cfn {

const aws::ServiceModel* model_of(std::string_view id) {
  for (auto* m : {&aws::ec2::model(), &aws::ecs::model(), &aws::elbv2::model(), &aws::rds::model(), &aws::s3::model(),
                  &aws::iam::model(), &aws::route53::model(), &aws::cloudwatch::model(),
                  &aws::secretsmanager::model(), &aws::ssm::model(), &aws::lambda::model(),
                  &aws::applicationautoscaling::model(), &aws::logs::model(),
                  &aws::kms::model(), &aws::acm::model(), &aws::ecr::model(), &aws::sqs::model(),
                  &aws::sns::model(), &aws::events::model(), &aws::wafv2::model()})
    if (m->id == id) return m;
  return nullptr;
}

}  // namespace relight::sandbox::cfn
