"""The common solution: on an RDS event, look the cluster up, ask RDS for its endpoint, UPSERT the record."""

import os

import boto3

TABLE = os.environ["TABLE"]

dynamodb = boto3.client("dynamodb")
rds = boto3.client("rds")
route53 = boto3.client("route53")


def handler(event, context):
    cluster = event["detail"]["SourceIdentifier"]
    row = dynamodb.get_item(TableName=TABLE, Key={"cluster": {"S": cluster}})["Item"]
    endpoint = rds.describe_db_clusters(DBClusterIdentifier=cluster)["DBClusters"][0]["Endpoint"]
    route53.change_resource_record_sets(
        HostedZoneId=row["zone"]["S"],
        ChangeBatch={
            "Changes": [
                {
                    "Action": "UPSERT",
                    "ResourceRecordSet": {
                        "Name": row["record"]["S"],
                        "Type": "CNAME",
                        "TTL": 5,
                        "ResourceRecords": [{"Value": endpoint}],
                    },
                }
            ]
        },
    )
    return {"record": row["record"]["S"], "endpoint": endpoint, "parameter": row["parameter"]["S"]}
