//! What a database owns. Two databases of an installation that write the same record or parameter would write it anew in
//! each pass for ever, and the alarms of two could fail one cluster over. A parameter has no fence of its own: this is it.
//!
//! A Region's state says what its database owns. Where two are configured with the same target, the one whose state alone
//! names it goes on, and the other is an error. Where that does not tell whose it is, both are.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::installation::Installation;
use super::{ConfigError, Database, FailoverMode, Fault};

/// What a database owns: each field of its configuration that names a target, and that target.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Owned(BTreeMap<String, String>);

impl Owned {
    /// What `database` owns by its configuration, written so that the same target is always the same text. Its members are
    /// its own only where its alarms may act on them: applications on one global cluster share them otherwise.
    pub fn of(database: &Database) -> Self {
        let zone = database.record().zone_id.to_ascii_uppercase();
        // A parameter of one level is the same with and without the slash: both have one ARN.
        let parameter = format!("/{}", database.parameter().trim_start_matches('/'));
        let mut owned = BTreeMap::from([
            ("record".to_owned(), format!("{zone}/{}", database.record().name)),
            ("parameter".to_owned(), parameter),
        ]);
        if database.failover().mode != FailoverMode::Off {
            let members = database.members().iter();
            owned.extend(members.map(|(region, arn)| (format!("members.{region}"), arn.to_string())));
        }
        Self(owned)
    }

    fn has(&self, field: &str, target: &str) -> bool {
        self.0.get(field).is_some_and(|own| own == target)
    }
}

/// A database that names targets.
struct Claimant {
    name: String,
    /// What it claims: by its configuration, or by its state where its configuration is refused.
    claims: Owned,
    by_state: Owned,
    is_refused: bool,
}

impl Installation {
    /// Refuses each database that names a target which is another one's, or nobody knows whose. `by_state` says what a
    /// database's state in the own Region names. A database whose configuration is refused keeps what its state names: a
    /// slip in it does not hand its parameter to another.
    pub(crate) fn refuse_shared(&mut self, by_state: impl Fn(&str) -> Option<Owned>) {
        let known = |name: &str| by_state(name).unwrap_or_default();
        let followed = self.databases.iter().map(|database| {
            let (name, claims) = (database.name().to_string(), Owned::of(database));
            Claimant { by_state: known(&name), name, claims, is_refused: false }
        });
        let refused = self.refused.iter().map(|(name, _)| {
            let by_state = known(name);
            Claimant { name: name.clone(), claims: by_state.clone(), by_state, is_refused: true }
        });
        let claimants: Vec<Claimant> = followed.chain(refused).collect();
        let faults = faults(&claimants);
        let mut kept = Vec::new();
        for database in std::mem::take(&mut self.databases) {
            let name = database.name().to_string();
            match faults.get(name.as_str()) {
                None => kept.push(database),
                Some(faults) => {
                    let parameter = database.configuration_parameter();
                    self.refused.push((name, ConfigError { parameter, faults: faults.clone() }));
                }
            }
        }
        self.databases = kept;
        self.refused.sort_by(|a, b| a.0.cmp(&b.0));
    }
}

/// The faults of each database that has some, by its name.
fn faults(claimants: &[Claimant]) -> BTreeMap<&str, Vec<Fault>> {
    let mut by_target: BTreeMap<(&str, &str), Vec<&Claimant>> = BTreeMap::new();
    for claimant in claimants {
        for (field, target) in &claimant.claims.0 {
            by_target.entry((field, target)).or_default().push(claimant);
        }
    }
    let mut faults: BTreeMap<&str, Vec<Fault>> = BTreeMap::new();
    for ((field, target), sharing) in by_target {
        for one in sharing.iter().filter(|one| !one.is_refused) {
            if let Some(problem) = problem(field, target, one, &sharing) {
                faults.entry(&one.name).or_default().push(Fault::new(field, problem));
            }
        }
    }
    faults
}

/// Why `one` of the databases that share a target may not have it; none where it is its own.
fn problem(field: &str, target: &str, one: &Claimant, sharing: &[&Claimant]) -> Option<String> {
    let mut owners: Vec<&&Claimant> = sharing.iter().filter(|it| it.by_state.has(field, target)).collect();
    if owners.iter().any(|owner| !owner.is_refused) {
        owners.retain(|owner| !owner.is_refused); // The others write nothing.
    }
    let others = sharing.iter().map(|it| it.name.as_str()).filter(|name| *name != one.name);
    let others: Vec<&str> = others.collect();
    let what = match owners.as_slice() {
        _ if others.is_empty() => return None,
        [owner] if owner.name == one.name => return None,
        [owner] => format!("{target} belongs to the database {}, as its state says", owner.name),
        [] => format!("{target} is shared with {}, and no state says whose it is", others.join(", ")),
        _ => format!("{target} is shared with {}, and several states say whose it is", others.join(", ")),
    };
    let mend = if field.starts_with("members.") { "; all but one need failover.mode off" } else { "" };
    Some(format!("{what}{mend}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PREFIX: &str = "/failover-responder";

    /// What a test changes of a database that shares nothing.
    #[derive(Debug, Clone, Copy)]
    struct Case {
        name: &'static str,
        record: &'static str,
        zone: &'static str,
        parameter: &'static str,
        cluster: &'static str,
        mode: &'static str,
    }

    const TODO: Case = Case {
        name: "todo",
        record: "writer.todo.internal",
        zone: "Z01",
        parameter: "/todo/writer",
        cluster: "todo",
        mode: "automatic",
    };
    const BOOKS: Case = Case {
        name: "books",
        record: "writer.books.internal",
        zone: "Z01",
        parameter: "/books/writer",
        cluster: "books",
        mode: "advise",
    };

    fn json(case: Case) -> String {
        let arn =
            |region: &str| format!("arn:aws:rds:{region}:123456789012:cluster:{}-{region}", case.cluster);
        serde_json::json!({
            "global_cluster": case.cluster,
            "members": { "ap-northeast-2": arn("ap-northeast-2"), "ap-northeast-3": arn("ap-northeast-3") },
            "record": { "zone_id": case.zone, "name": case.record, "ttl_seconds": 5 },
            "parameter": case.parameter, "failover": { "mode": case.mode },
        })
        .to_string()
    }

    fn owned(case: Case) -> Owned {
        let (name, own) = (case.name.parse().unwrap(), "ap-northeast-3".parse().unwrap());
        Owned::of(&Database::parse(PREFIX, &name, &json(case), &own).unwrap())
    }

    /// Who is followed, and each fault of the others, where the states say so much.
    fn installed(cases: &[(&str, String)], states: &[(&str, Owned)]) -> (Vec<String>, Vec<(String, String)>) {
        let named = |(name, json): &(&str, String)| (format!("{PREFIX}/databases/{name}"), json.clone());
        let parameters: Vec<(String, String)> = cases.iter().map(named).collect();
        let pairs = parameters.iter().map(|(name, json)| (name.as_str(), json.as_str()));
        let own = "ap-northeast-3".parse().unwrap();
        let mut installation = Installation::from_parameters(PREFIX, &own, pairs);
        let state = |name: &str| states.iter().find(|(of, _)| *of == name).map(|(_, owned)| owned.clone());
        installation.refuse_shared(state);
        let followed = installation.databases.iter().map(|database| database.name().to_string()).collect();
        let faults = installation.refused.into_iter().flat_map(|(name, error)| {
            error.faults.into_iter().map(move |fault| (name.clone(), fault.to_string()))
        });
        (followed, faults.collect())
    }

    /// The same of `todo` and one more.
    fn both(other: Case, states: &[(&str, Owned)]) -> (Vec<String>, Vec<(String, String)>) {
        installed(&[("todo", json(TODO)), (other.name, json(other))], states)
    }

    fn fields(faults: &[(String, String)]) -> Vec<(&str, &str)> {
        faults.iter().map(|(name, fault)| (name.as_str(), fault.split_once(": ").unwrap().0)).collect()
    }

    /// Each kind of target × whose state names it.
    #[test]
    fn the_one_whose_state_alone_names_the_target_goes_on() {
        let record = Case { record: TODO.record, ..BOOKS };
        let parameter = Case { parameter: TODO.parameter, ..BOOKS };
        let member = Case { cluster: TODO.cluster, ..BOOKS };
        let members = ["members.ap-northeast-2", "members.ap-northeast-3"].as_slice();
        for (other, shared) in
            [(record, ["record"].as_slice()), (parameter, ["parameter"].as_slice()), (member, members)]
        {
            let (todo, books) = (("todo", owned(TODO)), ("books", owned(other)));
            let elsewhere = ("books", owned(BOOKS));
            let is_of = |name| shared.iter().map(move |field| (name, *field));
            let all: Vec<_> = is_of("books").chain(is_of("todo")).collect();
            for (states, followed, wrong, why) in [
                (vec![], vec![], all.clone(), "no state says whose it is"),
                (vec![todo.clone()], vec!["todo"], is_of("books").collect(), "belongs to the database todo"),
                (
                    vec![books.clone()],
                    vec!["books"],
                    is_of("todo").collect(),
                    "belongs to the database books",
                ),
                (
                    vec![todo.clone(), elsewhere.clone()],
                    vec!["todo"],
                    is_of("books").collect(),
                    "belongs to the",
                ),
                (vec![elsewhere], vec![], all.clone(), "no state says whose it is"),
                (vec![todo, books], vec![], all, "is shared with"),
            ] {
                let (kept, faults) = both(other, &states);
                assert_eq!(
                    (kept, fields(&faults)),
                    (followed.iter().map(|it| (*it).to_owned()).collect(), wrong)
                );
                assert!(faults.iter().all(|(_, fault)| fault.contains(why)), "{why}: {faults:?}");
            }
        }
    }

    #[test]
    fn a_fault_names_the_field_the_target_and_the_other_database() {
        let other = Case { parameter: TODO.parameter, cluster: TODO.cluster, ..BOOKS };
        let (_, faults) = both(other, &[("todo", owned(TODO))]);
        let arn = |region: &str| format!("arn:aws:rds:{region}:123456789012:cluster:todo-{region}");
        let member = |region: &str| {
            let arn = arn(region);
            format!(
                "members.{region}: {arn} belongs to the database todo, as its state says; all but one need failover.mode off"
            )
        };
        let parameter = "parameter: /todo/writer belongs to the database todo, as its state says".to_owned();
        let said: Vec<String> = faults.into_iter().map(|(_, fault)| fault).collect();
        assert_eq!(said, [member("ap-northeast-2"), member("ap-northeast-3"), parameter]);
    }

    /// Two applications on one global cluster, with records and parameters of their own.
    #[test]
    fn a_member_may_be_shared_where_the_alarms_of_one_alone_may_act() {
        for (mode, is_fine) in [("off", true), ("advise", false), ("automatic", false)] {
            let (kept, faults) = both(Case { cluster: TODO.cluster, mode, ..BOOKS }, &[]);
            assert_eq!((kept.len() == 2, faults.is_empty()), (is_fine, is_fine), "{mode}: {faults:?}");
        }
        // Somebody lets the alarms of the second act: that does not stop the first.
        let quiet = Case { cluster: TODO.cluster, mode: "off", ..BOOKS };
        let states = [("todo", owned(TODO)), ("books", owned(quiet))];
        let (kept, faults) = both(Case { mode: "advise", ..quiet }, &states);
        assert_eq!((kept, faults.len()), (vec!["todo".to_owned()], 2));
    }

    #[test]
    fn names_are_compared_as_the_services_compare_them() {
        let same = [
            Case { record: "WRITER.Todo.internal.", ..BOOKS },
            Case { record: TODO.record, zone: "z01", ..BOOKS },
            Case { cluster: "ToDo", ..BOOKS },
        ];
        for other in same {
            assert!(both(other, &[]).0.is_empty(), "{other:?}");
        }
        let slash = [Case { parameter: "writer", ..TODO }, Case { parameter: "/writer", ..BOOKS }];
        let cases = slash.map(|case| (case.name, json(case)));
        assert!(installed(&cases, &[]).0.is_empty(), "the same ARN");
        for other in
            [Case { record: TODO.record, zone: "Z02", ..BOOKS }, Case { parameter: "/Todo/writer", ..BOOKS }]
        {
            assert_eq!(both(other, &[]).0.len(), 2, "{other:?}");
        }
    }

    /// A slip in the owner's configuration does not hand its parameter to the other.
    #[test]
    fn a_database_whose_configuration_is_refused_keeps_what_its_state_names() {
        let books = Case { parameter: TODO.parameter, ..BOOKS };
        let broken = [("todo", "{".to_owned()), ("books", json(books))];
        let (kept, faults) = installed(&broken, &[("todo", owned(TODO))]);
        assert_eq!(
            (kept.len(), fields(&faults)),
            (0, vec![("books", "parameter"), ("todo", "the document")])
        );
        // It has no claim on what the other's state names as well, nor on what it never owned.
        for states in [vec![("todo", owned(TODO)), ("books", owned(books))], vec![]] {
            assert_eq!(installed(&broken, &states).0, ["books"]);
        }
    }

    #[test]
    fn of_many_the_owner_alone_goes_on() {
        let books = Case { parameter: TODO.parameter, ..BOOKS };
        let films = Case { name: "films", record: "writer.films.internal", cluster: "films", ..books };
        let cases = [TODO, books, films].map(|case| (case.name, json(case)));
        let (kept, faults) = installed(&cases, &[("films", owned(films))]);
        assert_eq!(kept, ["films"]);
        assert_eq!(fields(&faults), [("books", "parameter"), ("todo", "parameter")]);
        let (_, faults) = installed(&cases, &[("films", owned(films)), ("books", owned(books))]);
        let todo = "parameter: /todo/writer is shared with books, films, and several states say whose it is";
        assert_eq!(faults[2], ("todo".to_owned(), todo.to_owned()));
    }
}
