# One page for the person who was paged.

locals {
  widgets = concat(
    # Of a fleet there is one of the troubles for all; how each database was decided is in the log.
    [for index, database in keys(var.databases) : {
      title = "${database}: decisions a minute"
      metrics = [for decision in ["publish", "unchanged", "hold", "error"] :
        ["FailoverResponder", "Decisions", "Database", database, "Decision", decision, { label = decision, stat = "Sum" }]
      ]
    }],
    [for key, database in local.watched : {
      title = "${database.who}: trouble"
      metrics = [for metric in ["EndpointDrift", "WriterConflict", "NoStandby", "ChannelFailures"] :
        concat(["FailoverResponder", metric], flatten([for name, value in database.dimensions : [name, value]]), [{ label = metric, stat = "Maximum" }])
      ]
    }],
    [
      {
        title = "How long a pass takes, in ms (a watch lasts as long as the transition)"
        metrics = [for stat in ["p50", "p99", "Maximum"] :
          ["FailoverResponder", "PassDuration", { label = stat, stat = stat }]
        ]
      },
      {
        title = "Invocations and errors"
        metrics = [for pair in setproduct(keys(local.functions), ["Invocations", "Errors", "Throttles"]) :
          ["AWS/Lambda", pair[1], "FunctionName", "${var.name}-${pair[0]}", { label = "${pair[0]} ${pair[1]}", stat = "Sum" }]
        ]
      },
    ],
  )
}

resource "aws_cloudwatch_dashboard" "this" {
  count = var.size == "all" ? 1 : 0

  dashboard_name = "${var.name}-${local.region}"
  dashboard_body = jsonencode({
    widgets = concat([{
      type = "alarm", x = 0, y = 0, width = 24, height = 3
      properties = {
        title  = "failover-responder in ${local.region}"
        alarms = sort([for alarm in aws_cloudwatch_metric_alarm.this : alarm.arn])
      }
      }], [for index, widget in local.widgets : {
      type = "metric", x = index % 2 * 12, y = 3 + floor(index / 2) * 6, width = 12, height = 6
      properties = {
        title   = widget.title
        region  = local.region
        view    = "timeSeries"
        period  = 60
        metrics = widget.metrics
      }
    }])
  })
}
