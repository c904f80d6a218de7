mock_data "aws_region" {
  defaults = { id = "ap-northeast-3", name = "ap-northeast-3" }
}

mock_data "aws_caller_identity" {
  defaults = { account_id = "123456789012" }
}

mock_data "aws_partition" {
  defaults = { partition = "aws" }
}

mock_resource "aws_kms_key" {
  defaults = { arn = "arn:aws:kms:ap-northeast-3:123456789012:key/11111111-2222-3333-4444-555555555555" }
}

# What a cluster that replicates takes over from the writer.
mock_resource "aws_rds_cluster" {
  defaults = { engine_version_actual = "16.8", master_username = "todo", database_name = "todo", id = "todo-osaka", endpoint = "todo-osaka.cluster-abc.ap-northeast-3.rds.amazonaws.com" }
}

mock_resource "aws_iam_role" {
  defaults = { arn = "arn:aws:iam::123456789012:role/monitoring" }
}
