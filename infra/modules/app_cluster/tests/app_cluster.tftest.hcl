mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  name       = "todo-seoul"
  subnet_ids = ["subnet-1", "subnet-2"]
  application = {
    parameter_arn = "arn:aws:ssm:ap-northeast-2:123456789012:parameter/todo/database/writer"
    login         = { user = "todo_app", resource_ids = { ap-northeast-2 = "cluster-SEOUL", ap-northeast-3 = "cluster-OSAKA" } }
  }
  dns = { zone_id = "Z0123456789", host = "seoul.todo.example.com" }
}

run "auto_mode_needs_its_three_parts_together" {
  assert {
    condition     = aws_eks_cluster.this.compute_config[0].enabled && aws_eks_cluster.this.kubernetes_network_config[0].elastic_load_balancing[0].enabled && aws_eks_cluster.this.storage_config[0].block_storage[0].enabled && !aws_eks_cluster.this.bootstrap_self_managed_addons
    error_message = "nodes, load balancers, storage"
  }
  assert {
    condition     = aws_eks_cluster.this.encryption_config[0].provider[0].key_arn == aws_kms_key.this.arn && length(aws_eks_cluster.this.enabled_cluster_log_types) == 5
    error_message = "secrets are encrypted, and everything is logged"
  }
}

run "by_default_nobody_outside_reaches_the_api" {
  assert {
    condition     = !aws_eks_cluster.this.vpc_config[0].endpoint_public_access && aws_eks_cluster.this.vpc_config[0].endpoint_private_access
    error_message = "within the VPC only"
  }
}

run "pods_may_do_two_things" {
  assert {
    condition = jsondecode(aws_iam_role_policy.application.policy).Statement == [
      { Sid = "FindTheWriter", Effect = "Allow", Action = "ssm:GetParameter", Resource = "arn:aws:ssm:ap-northeast-2:123456789012:parameter/todo/database/writer" },
      { Sid = "LogIn", Effect = "Allow", Action = "rds-db:connect", Resource = [
        "arn:aws:rds-db:ap-northeast-2:123456789012:dbuser:cluster-SEOUL/todo_app",
        "arn:aws:rds-db:ap-northeast-3:123456789012:dbuser:cluster-OSAKA/todo_app",
      ] },
    ]
    error_message = "find the writer and log in, as one user of either member, and nothing else"
  }
  assert {
    condition     = aws_eks_pod_identity_association.application.namespace == "todo" && aws_eks_pod_identity_association.application.service_account == "todo"
    error_message = "only the application's service account"
  }
  assert {
    condition     = jsondecode(aws_iam_role.application.assume_role_policy).Statement[0].Condition.ArnEquals["aws:SourceArn"] == "arn:aws:eks:ap-northeast-2:123456789012:cluster/todo-seoul"
    error_message = "only from this cluster"
  }
}

run "external_dns_may_touch_its_own_host" {
  assert {
    condition     = jsondecode(aws_iam_role_policy.dns.policy).Statement[2].Condition["ForAllValues:StringEquals"]["route53:ChangeResourceRecordSetsNormalizedRecordNames"] == ["seoul.todo.example.com", "a-seoul.todo.example.com", "aaaa-seoul.todo.example.com", "cname-seoul.todo.example.com"]
    error_message = "not the failover records above it"
  }
  assert {
    condition     = jsondecode(aws_iam_role_policy.dns.policy).Statement[2].Condition.Null["route53:ChangeResourceRecordSetsNormalizedRecordNames"] == "false"
    error_message = "a missing key is not everything"
  }
}

run "external_dns_finds_the_zone_and_publishes_the_annotated_host_alone" {
  assert {
    condition     = jsondecode(aws_eks_addon.dns.configuration_values).domainFilters == ["example.com"]
    error_message = "a filter below the zone's name matches no zone"
  }
  assert {
    condition     = jsondecode(aws_eks_addon.dns.configuration_values).extraArgs == ["--ignore-ingress-rules-spec", "--ignore-ingress-tls-spec"]
    error_message = "the users' host is in the Ingress too, and is not its to publish"
  }
  assert {
    condition     = aws_eks_addon.dns.addon_version == "v0.19.0-eksbuild.2"
    error_message = "a new version reads annotations by another prefix, so none comes by itself"
  }
}

run "a_host_outside_of_the_zone" {
  command = plan
  variables { dns = { zone_id = "Z0123456789", host = "seoul.todo.example.org" } }
  expect_failures = [aws_eks_addon.dns]
}

run "a_version_of_external_dns_without_its_build" {
  command = plan
  variables { external_dns_version = "0.19.0" }
  expect_failures = [var.external_dns_version]
}

run "a_repository_with_images_is_deleted_only_where_that_is_said" {
  assert {
    condition     = !aws_ecr_repository.this.force_delete
    error_message = "not by default"
  }
}

run "the_whole_internet_may_not_administer" {
  command = plan
  variables { admin_cidrs = ["0.0.0.0/0"] }
  expect_failures = [var.admin_cidrs]
}

run "all_parameters" {
  command = plan
  variables {
    application = { parameter_arn = "arn:aws:ssm:ap-northeast-2:123456789012:parameter/*", login = { user = "todo_app", resource_ids = { ap-northeast-2 = "cluster-SEOUL" } } }
  }
  expect_failures = [var.application]
}

run "any_user_of_any_cluster" {
  command = plan
  variables {
    application = { parameter_arn = "arn:aws:ssm:ap-northeast-2:123456789012:parameter/x", login = { user = "*", resource_ids = { ap-northeast-2 = "*" } } }
  }
  expect_failures = [var.application]
}
