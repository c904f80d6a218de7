//! What stands in ministack before a measurement of one database.

use std::net::SocketAddr;

use drill_emulator::front::Upstream;
use drill_emulator::http::full;
use http_body_util::BodyExt;
use hyper::Request;
use serde_json::{Value, json};
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};

use crate::error::BenchError;
use crate::fleet::{self, Fleet, OSAKA, REGIONS, TABLE, ZONE};

const ROUTE53: &str = "https://route53.amazonaws.com/doc/2013-04-01/";

/// Makes a zone and puts the parameters, records and rows of one database; answers it.
pub(crate) async fn one_database(ministack: SocketAddr) -> Result<Fleet, BenchError> {
    let seed = Seed(Upstream::new(ministack));
    let fleet = Fleet::new(1, &seed.zone().await?, 0)?;
    for region in REGIONS {
        for (name, value) in fleet.parameters() {
            let body = json!({ "Name": name, "Value": value, "Type": "String", "Overwrite": true });
            seed.json("ssm", region.id(), "AmazonSSM.PutParameter", &body).await?;
        }
    }
    seed.records(&fleet).await?;
    seed.table(&fleet).await?;
    Ok(fleet)
}

/// Makes the health alarms of these databases, in state OK, and a sample of each cluster's replication lag a minute for a
/// quarter of an hour.
pub(crate) async fn alarms(ministack: SocketAddr, fleet: &Fleet) -> Result<(), BenchError> {
    let seed = Seed(Upstream::new(ministack));
    for database in &fleet.databases {
        for (region, alarm) in fleet::alarms(database.name().as_str()) {
            let put = [
                ("AlarmName", alarm.as_str()),
                ("Namespace", "Bench"),
                ("MetricName", "Reachable"),
                ("Statistic", "Minimum"),
                ("Period", "60"),
                ("EvaluationPeriods", "2"),
                ("Threshold", "1"),
                ("ComparisonOperator", "LessThanThreshold"),
                ("TreatMissingData", "breaching"),
            ];
            seed.query(region, "PutMetricAlarm", &put).await?;
            seed.query(
                region,
                "SetAlarmState",
                &[("AlarmName", &alarm), ("StateValue", "OK"), ("StateReason", "bench")],
            )
            .await?;
        }
    }
    Ok(())
}

/// Reports 20 ms of replication lag for the last quarter of an hour.
pub(crate) async fn lag(ministack: SocketAddr, database: &str) -> Result<(), BenchError> {
    let seed = Seed(Upstream::new(ministack));
    let cluster = fleet::names(database, OSAKA).cluster();
    for minute in 0..15 {
        let at = (OffsetDateTime::now_utc() - Duration::minutes(minute)).unix_timestamp().to_string();
        let put = [
            ("Namespace", "AWS/RDS"),
            ("MetricData.member.1.MetricName", "AuroraGlobalDBReplicationLag"),
            ("MetricData.member.1.Value", "20"),
            ("MetricData.member.1.Unit", "Milliseconds"),
            ("MetricData.member.1.Timestamp", at.as_str()),
            ("MetricData.member.1.Dimensions.member.1.Name", "DBClusterIdentifier"),
            ("MetricData.member.1.Dimensions.member.1.Value", cluster.as_str()),
        ];
        seed.query(OSAKA.id(), "PutMetricData", &put).await?;
    }
    Ok(())
}

/// Puts an alarm into ALARM, by the two whole minutes before now.
pub(crate) async fn alarm_goes_off(
    ministack: SocketAddr,
    region: &str,
    alarm: &str,
) -> Result<(), BenchError> {
    let now = OffsetDateTime::now_utc();
    let minute = now - Duration::seconds(now.unix_timestamp().rem_euclid(60));
    // As CloudWatch writes a time: with a zone that has no colon.
    let written = |at: OffsetDateTime| {
        let at = at.replace_nanosecond(0).unwrap_or(at);
        at.format(&Rfc3339).unwrap_or_default().replace('Z', "+0000")
    };
    let point = |ago: i64| json!({ "timestamp": written(minute - Duration::minutes(ago)), "sampleCount": 6.0, "value": 0.0 });
    let reason = json!({
        "version": "1.0", "queryDate": written(now), "startDate": written(minute - Duration::minutes(2)),
        "statistic": "Minimum", "period": 60, "recentDatapoints": [0.0, 0.0], "threshold": 1.0,
        "evaluatedDatapoints": [point(1), point(2)],
    })
    .to_string();
    let set = [
        ("AlarmName", alarm),
        ("StateValue", "ALARM"),
        ("StateReason", "bench"),
        ("StateReasonData", &reason),
    ];
    Seed(Upstream::new(ministack)).query(region, "SetAlarmState", &set).await
}

struct Seed(Upstream);

impl Seed {
    async fn zone(&self) -> Result<String, BenchError> {
        let body = format!(
            "<CreateHostedZoneRequest xmlns=\"{ROUTE53}\"><Name>{ZONE}</Name>\
             <CallerReference>bench</CallerReference></CreateHostedZoneRequest>"
        );
        let answer = self.post("route53", OSAKA.id(), "/2013-04-01/hostedzone", "", body).await?;
        let id = answer.split("<Id>/hostedzone/").nth(1).and_then(|rest| rest.split('<').next());
        id.map(str::to_owned).ok_or_else(|| BenchError::Seed(format!("no zone in {answer}")))
    }

    async fn records(&self, fleet: &Fleet) -> Result<(), BenchError> {
        let changes = fleet.records().into_iter().map(|(name, kind, ttl, value)| {
            let value = value.replace('"', "&quot;");
            format!(
                "<Change><Action>UPSERT</Action><ResourceRecordSet><Name>{name}</Name><Type>{kind}</Type><TTL>{ttl}</TTL>\
                 <ResourceRecords><ResourceRecord><Value>{value}</Value></ResourceRecord></ResourceRecords>\
                 </ResourceRecordSet></Change>"
            )
        });
        let body = format!(
            "<ChangeResourceRecordSetsRequest xmlns=\"{ROUTE53}\"><ChangeBatch><Changes>{}</Changes></ChangeBatch>\
             </ChangeResourceRecordSetsRequest>",
            changes.collect::<String>()
        );
        let path = format!("/2013-04-01/hostedzone/{}/rrset/", fleet.zone_id);
        self.post("route53", OSAKA.id(), &path, "", body).await.map(drop)
    }

    async fn table(&self, fleet: &Fleet) -> Result<(), BenchError> {
        let table = json!({
            "TableName": TABLE, "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [{ "AttributeName": "cluster", "AttributeType": "S" }],
            "KeySchema": [{ "AttributeName": "cluster", "KeyType": "HASH" }],
        });
        self.json("dynamodb", OSAKA.id(), "DynamoDB_20120810.CreateTable", &table).await?;
        for (_, item) in fleet.rows() {
            let body = json!({ "TableName": TABLE, "Item": item });
            self.json("dynamodb", OSAKA.id(), "DynamoDB_20120810.PutItem", &body).await?;
        }
        Ok(())
    }

    async fn json(&self, service: &str, region: &str, target: &str, body: &Value) -> Result<(), BenchError> {
        self.post(service, region, "/", target, body.to_string()).await.map(drop)
    }

    /// A call of CloudWatch's, in the query protocol.
    async fn query(&self, region: &str, action: &str, parameters: &[(&str, &str)]) -> Result<(), BenchError> {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("Action", action).append_pair("Version", "2010-08-01").extend_pairs(parameters);
        self.post("monitoring", region, "/", "", form.finish()).await.map(drop)
    }

    async fn post(
        &self,
        service: &str,
        region: &str,
        path: &str,
        target: &str,
        body: String,
    ) -> Result<String, BenchError> {
        let failed = |error: &dyn std::fmt::Display| BenchError::Seed(format!("{service} {target}: {error}"));
        let scope = format!(
            "AWS4-HMAC-SHA256 Credential=test/20260101/{region}/{service}/aws4_request, SignedHeaders=host, Signature=0"
        );
        let mut request = Request::post(path).header("authorization", scope);
        if service == "monitoring" {
            request = request.header("content-type", "application/x-www-form-urlencoded");
        }
        if !target.is_empty() {
            request =
                request.header("x-amz-target", target).header("content-type", "application/x-amz-json-1.0");
        }
        let request = request.body(full(body)).map_err(|error| failed(&error))?;
        let answer = self.0.pass(request).await.map_err(|error| failed(&error))?;
        let status = answer.status();
        let body = answer.into_body().collect().await.map_err(|error| failed(&error))?.to_bytes();
        let body = String::from_utf8_lossy(&body).into_owned();
        if status.is_success() { Ok(body) } else { Err(failed(&format!("{status} {body}"))) }
    }
}
