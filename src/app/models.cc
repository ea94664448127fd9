#include "app/models.h"

#include "aws/gen/cloudformation.h"
#include "aws/gen/cloudwatch.h"
#include "aws/gen/ec2.h"
#include "aws/gen/ecs.h"
#include "aws/gen/elbv2.h"
#include "aws/gen/iam.h"
#include "aws/gen/lambda.h"
#include "aws/gen/rds.h"
#include "aws/gen/route53.h"
#include "aws/gen/s3.h"
#include "aws/gen/secretsmanager.h"
#include "aws/gen/ssm.h"
#include "aws/gen/sts.h"

namespace relight::app {

std::vector<const aws::ServiceModel*> models() {
  return {&aws::sts::model(),    &aws::ec2::model(),        &aws::ecs::model(),
          &aws::rds::model(),    &aws::elbv2::model(),      &aws::route53::model(),
          &aws::s3::model(),     &aws::cloudwatch::model(), &aws::cloudformation::model(),
          &aws::lambda::model(), &aws::iam::model(),        &aws::secretsmanager::model(),
          &aws::ssm::model()};
}

}  // namespace relight::app
