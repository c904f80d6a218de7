output "cluster_name" {
  description = "Name of the cluster, for `aws eks update-kubeconfig`."
  value       = aws_eks_cluster.this.name
}

output "cluster_endpoint" {
  description = "Where its API is."
  value       = aws_eks_cluster.this.endpoint
}

output "application_role_arn" {
  description = "The role of the application's pods."
  value       = aws_iam_role.application.arn
}

output "security_group_id" {
  description = "The security group of the cluster's nodes and pods."
  value       = aws_eks_cluster.this.vpc_config[0].cluster_security_group_id
}

output "repository_url" {
  description = "Where the application's images are pushed to."
  value       = aws_ecr_repository.this.repository_url
}
