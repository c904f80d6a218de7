//! What RDS shows to be wrong with a configuration.

use crate::config::{Database, Fault};
use crate::world::evidence::Evidence;
use crate::world::topology::Word;

/// What is wrong: nobody claims, and a stranger is the writer; or the global cluster is
/// listed nowhere, and a cluster replicates in one, or there is no cluster at all.
pub(super) fn misconfigured(database: &Database, evidence: &Evidence) -> Option<Fault> {
    let said = || database.regions().filter_map(|region| Some((region, evidence.view(region)?.word())));
    let claimed = said().any(|(region, word)| matches!(word, Word::Writer(named) if named == region));
    let stranger = said().find_map(|(_, word)| match word {
        Word::Stranger(arn) => Some(arn),
        _ => None,
    });
    if let (Some(arn), false) = (stranger, claimed) {
        return Some(Fault::new("members", format!("{arn} is the writer, and is not among them")));
    }
    let silent = database.regions().count() - said().count();
    let lists_it = said().any(|(_, word)| !matches!(word, Word::Unlisted | Word::Detached | Word::Nothing));
    let replica = said().find(|(_, word)| **word == Word::Unlisted).map(|(region, _)| region);
    let nowhere = silent == 0 && said().all(|(_, word)| *word == Word::Nothing);
    let name = database.global_cluster();
    let problem = match replica {
        _ if lists_it => return None,
        Some(region) => {
            format!("no Region knows a global cluster {name:?}, and {region}'s cluster replicates in one")
        }
        None if nowhere => format!("no Region knows a global cluster {name:?}, or a member of it"),
        None => return None,
    };
    Some(Fault::new("global_cluster", problem))
}
