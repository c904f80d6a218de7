//! Reading a configuration of this version, an older one or a newer one.

use super::{Fault, Raw};

/// The format that this version writes and knows whole. A document without one is of format 1.
pub const FORMAT: u32 = 2;

/// The document, and the fields in it that this version does not know.
pub(super) fn read(json: &str) -> Result<(Raw, Vec<String>), Fault> {
    let broken = |error: &serde_json::Error| Fault::new("the document", format!("is not JSON: {error}"));
    let mut reader = serde_json::Deserializer::from_str(json);
    let mut track = serde_path_to_error::Track::new();
    let mut unknown = Vec::new();
    let tracked = serde_path_to_error::Deserializer::new(&mut reader, &mut track);
    let read = serde_ignored::deserialize(tracked, |path| unknown.push(plain_path(&path.to_string())));
    let raw: Raw = read.map_err(|error| {
        let path = plain_path(&track.path().to_string());
        match error {
            error if !error.is_data() => broken(&error),
            error => {
                Fault::new(if path.is_empty() || path == "." { "the document" } else { &path }, plain(&error))
            }
        }
    })?;
    reader.end().map_err(|error| broken(&error))?;
    Ok((raw, unknown))
}

/// What a person is told of a configuration that is newer than the function.
pub(super) fn newer(format: u32, unknown: &[String]) -> String {
    format!(
        "the configuration is of format {format}, this function knows {FORMAT} and not {}: the writer is followed, and no failover is started",
        unknown.join(", ")
    )
}

/// A path without the mark that an optional field leaves in it.
fn plain_path(path: &str) -> String {
    path.replace(".?", "").replace("?.", "")
}

/// serde's sentence without its "at line 1 column 17": the parameter is one line to most people.
fn plain(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.find(" at line ") {
        Some(at) => text.get(..at).unwrap_or(&text).to_owned(),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use crate::config::{Database, FailoverMode};

    fn parse(format: &str, more: &str) -> Result<Database, String> {
        let json = format!(
            r#"{{{format}"global_cluster":"todo","members":{{
                "ap-northeast-2":"arn:aws:rds:ap-northeast-2:123456789012:cluster:todo-seoul",
                "ap-northeast-3":"arn:aws:rds:ap-northeast-3:123456789012:cluster:todo-osaka"}},
                "record":{{"zone_id":"Z1","name":"writer.db.todo.internal","ttl_seconds":5}},
                "parameter":"/todo/database/writer",
                "failover":{{"mode":"automatic"{more}}}}}"#
        );
        let own = "ap-northeast-2".parse().unwrap();
        Database::parse("/failover-responder", &"todo".parse().unwrap(), &json, &own)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn a_newer_configuration_is_followed_and_starts_nothing() {
        let newer = parse(r#""format":3,"#, r#","quorum":2"#).unwrap();
        assert_eq!(newer.failover().mode, FailoverMode::Off);
        assert_eq!(
            newer.warnings(),
            [
                "the configuration is of format 3, this function knows 2 and not failover.quorum: the writer is followed, and no failover is started"
            ]
        );
    }

    #[test]
    fn a_higher_format_without_anything_new_changes_nothing() {
        let same = parse(r#""format":3,"#, "").unwrap();
        assert_eq!((same.failover().mode, same.warnings().len()), (FailoverMode::Automatic, 0));
    }

    #[test]
    fn under_a_known_format_a_field_that_nobody_knows_is_an_error_that_names_it() {
        for format in ["", r#""format":1,"#, r#""format":2,"#] {
            let error = parse(format, r#","quorum":2,"witness":true"#).unwrap_err();
            assert!(
                error.contains("failover.quorum: is not a field")
                    && error.contains("failover.witness: is not"),
                "{error}"
            );
        }
    }

    #[test]
    fn every_field_of_this_format_is_read_under_any_older_one() {
        let targets = r#","targets":["ap-northeast-3","ap-northeast-2"]"#;
        for format in ["", r#""format":1,"#, r#""format":2,"#] {
            let read = parse(format, targets).unwrap();
            assert_eq!(read.targets()[0].as_str(), "ap-northeast-3");
        }
    }
}
