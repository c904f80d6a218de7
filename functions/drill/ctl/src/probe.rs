//! What every Region's probe sees now. A Region that does not answer is a row with its error, not an end.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::future::join_all;
use responder_core::config::Database;
use responder_core::probe::answer::{DatabaseLook, LagSource, Look, MemberLook, RecordLook};
use responder_core::words::names::{DatabaseName, Region};
use serde_json::{Value, json};

use crate::args::Args;
use crate::doctor::databases::installed;
use crate::doctor::functions::sibling;
use crate::error::{CtlError, Verdict};
use crate::invoke::{ask, configuration, read};
use crate::show;

/// A dash, where nothing is known.
const NOTHING: &str = "\u{2013}";

/// One probe's answer.
struct Answer {
    region: String,
    function: String,
    told: Result<Value, String>,
}

/// Asks all of them; good when each answers and sees that writes are taken where the record leads.
pub(crate) async fn look(args: &Args, database: Option<&str>) -> Result<Verdict, CtlError> {
    let (config, regions) = configuration(&args.place).await?;
    let all = installed(&config, &regions, &args.place.prefix).await;
    let patience = Duration::from_secs(args.place.patience);
    let probes = probes(&all, &regions, &sibling(&args.place.function_name, "probe"));
    let answers = join_all(probes.into_iter().map(async |(region, function)| {
        let told = ask(&config, &region, &function, &json!({ "look": true }), patience).await;
        Answer { region, function, told }
    }));
    let answers = answers.await;
    if answers.iter().all(|it| it.told.is_err()) {
        return Err(CtlError::NoAnswer(answers.iter().map(unanswered).collect()));
    }
    if args.json {
        show::json(&answers.iter().map(as_json).collect());
    }
    let mut rows = Vec::new();
    let mut is_good = true;
    for it in &answers {
        let Ok(answer) = &it.told else {
            is_good = false;
            let why = format!("NO ANSWER: {}", unanswered(it));
            rows.push(row(&it.region, [NOTHING, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING, &why]));
            continue;
        };
        let look: Look = read(answer)?;
        let wanted = |name: &DatabaseName| database.is_none_or(|wanted| wanted == name.as_str());
        for (name, it) in look.databases.iter().filter(|(name, _)| wanted(name)) {
            is_good &= it.record.writable == Some(true);
            rows.extend(of_database(&look.region, name, it));
        }
    }
    if !args.json {
        let heading =
            ["probe in", "database", "looks at", "takes writes", "heartbeat", "lag", "took", "says"];
        show::say(&show::table(&heading, rows));
    }
    Ok(if is_good { Verdict::Good } else { Verdict::Missed })
}

/// The functions that the configurations name, and those of Regions that were given and have no member: a witness has none.
/// Where no configuration names one, or none can be read, that of each Region that was given.
fn probes(all: &[Database], regions: &[String], default: &str) -> BTreeSet<(String, String)> {
    let named = all.iter().flat_map(|database| {
        let of = |region: &Region| Some((region.to_string(), database.probe_in(region)?.to_owned()));
        database.regions().filter_map(of)
    });
    let named: BTreeSet<_> = named.collect();
    let is_member = |region: &String| all.iter().any(|it| it.regions().any(|its| its.as_str() == region));
    let given = regions.iter().filter(|region| named.is_empty() || !is_member(region));
    named.iter().cloned().chain(given.map(|region| (region.clone(), default.to_owned()))).collect()
}

fn unanswered(it: &Answer) -> String {
    let why = it.told.as_ref().err().map_or("", String::as_str);
    format!("{} in {}: {why}", it.function, it.region)
}

fn as_json(it: &Answer) -> Value {
    match &it.told {
        Ok(answer) => json!({ "region": it.region, "function": it.function, "answer": answer }),
        Err(error) => json!({ "region": it.region, "function": it.function, "error": error }),
    }
}

fn of_database(probe: &Region, name: &DatabaseName, look: &DatabaseLook) -> Vec<Vec<String>> {
    let members = look.members.iter().map(|(region, it)| of_member(probe, name, region, it));
    std::iter::once(of_record(probe, name, &look.record)).chain(members).collect()
}

fn of_record(probe: &Region, name: &DatabaseName, look: &RecordLook) -> Vec<String> {
    let at = match &look.region {
        Some(region) => format!("record: {region}"),
        None => "record".to_owned(),
    };
    let took = format!("{} ms", look.took_ms);
    row(probe.as_str(), [name.as_str(), &at, writes(look.writable), NOTHING, NOTHING, &took, &look.said])
}

fn of_member(probe: &Region, name: &DatabaseName, region: &Region, look: &MemberLook) -> Vec<String> {
    let age =
        look.heartbeat.as_ref().map_or_else(|| NOTHING.to_owned(), |it| format!("{} ms old", it.age_ms));
    let lag = look.lag.map_or_else(|| NOTHING.to_owned(), |it| format!("{} ms by {}", it.ms, by(it.source)));
    let took = format!("{} ms", look.took_ms);
    row(
        probe.as_str(),
        [name.as_str(), region.as_str(), writes(look.writable), &age, &lag, &took, &look.said],
    )
}

const fn by(source: LagSource) -> &'static str {
    match source {
        LagSource::AuroraGlobalDbStatus => "Aurora",
        LagSource::Heartbeat => "heartbeat",
    }
}

const fn writes(writable: Option<bool>) -> &'static str {
    match writable {
        Some(true) => "yes",
        Some(false) => "NO",
        None => "unknown",
    }
}

fn row(probe: &str, cells: [&str; 7]) -> Vec<String> {
    std::iter::once(probe).chain(cells).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_no_configuration_names_a_probe_that_of_each_region_is_asked() {
        let regions = ["ap-northeast-2", "us-east-1"].map(str::to_owned);
        let json = r#"{"global_cluster": "todo", "parameter": "/todo/writer",
            "members": {"ap-northeast-2": "arn:aws:rds:ap-northeast-2:123456789012:cluster:todo-seoul",
                        "ap-northeast-3": "arn:aws:rds:ap-northeast-3:123456789012:cluster:todo-osaka"},
            "record": {"zone_id": "Z1", "name": "writer.todo.internal", "ttl_seconds": 5}}"#;
        let own = "ap-northeast-2".parse().unwrap();
        let database = Database::parse("/p", &"todo".parse().unwrap(), json, &own).unwrap();
        let asked = |all: &[Database]| {
            probes(all, &regions, "probe").into_iter().map(|(region, _)| region).collect::<Vec<_>>()
        };
        assert_eq!(asked(&[]), regions);
        assert_eq!(asked(&[database]), regions, "none is named, so a member's Region is asked as well");
    }
}
