# One Region's parameters. None is a secret: the applications need the writer's name, and people the rest.

resource "aws_ssm_parameter" "configuration" {
  # checkov:skip=CKV2_AWS_34:Not a secret, and the functions read it with the state in one call that needs no key.
  name           = var.configuration.name
  description    = "failover-responder: what this database is and where its writer is published"
  type           = "String"
  insecure_value = var.configuration.value
}

resource "aws_ssm_parameter" "state" {
  # checkov:skip=CKV2_AWS_34:Not a secret, and the functions write it as a String.
  name           = var.state.name
  description    = "failover-responder: what was published last, and what this Region remembers. Written by the functions."
  type           = "String"
  insecure_value = var.state.value

  lifecycle {
    # The functions own the value from the first apply on. An older state would be repaired by the next pass, but
    # until then this Region would have forgotten whom it named.
    ignore_changes = [value, insecure_value]
  }
}

resource "aws_ssm_parameter" "writer" {
  # checkov:skip=CKV2_AWS_34:Not a secret: the host name that every client connects to.
  name           = var.writer.name
  description    = "Host name of the database's writer. Written by failover-responder."
  type           = "String"
  insecure_value = var.writer.value

  lifecycle {
    # The functions own the value. Applied again after a failover, the first one would point clients to a reader.
    ignore_changes = [value, insecure_value]
  }
}
