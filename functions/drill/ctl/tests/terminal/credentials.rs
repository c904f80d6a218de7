//! Whoever has no credentials hears so once, in one sentence, whatever the command; and what to run.

use std::fs;

use serde_json::json;

use super::{Terminal, held};
use crate::aws::Reply;

const PROFILES: &str = "\
[profile browser]
sso_start_url = https://example.awsapps.com/start
sso_region = us-east-1
sso_account_id = 123456789012
sso_role_name = operator
[profile console]
login_session = arn:aws:iam::123456789012:user/operator
[profile program]
credential_process = /bin/false
[profile other]
role_arn = arn:aws:iam::123456789012:role/operator
source_profile = browser
[profile empty]
region = ap-northeast-2
";

#[test]
fn without_credentials_every_command_says_one_sentence_and_asks_nothing() {
    let terminal = Terminal::new(|_| Reply::json(&json!({ "databases": [] })));
    let file = terminal.folder.path().join("config");
    fs::write(&file, PROFILES).unwrap();
    let told = |line: &str, profile: Option<&str>| {
        let mut command = terminal.command();
        command
            .env_remove("AWS_ACCESS_KEY_ID")
            .env_remove("AWS_SECRET_ACCESS_KEY")
            .env("AWS_CONFIG_FILE", &file);
        if let Some(profile) = profile {
            command.env("AWS_PROFILE", profile);
        }
        terminal.one(command, line, Some("todo\n"))
    };
    let commands = [
        "status",
        "plan todo --to ap-northeast-3",
        "switchover todo --to ap-northeast-3 --yes",
        "failover todo --to ap-northeast-3",
        "failback todo --yes",
        "hold todo --reason upgrade",
        "release todo",
        "declare todo --to ap-northeast-3",
        "doctor",
        "probe",
        "watch",
    ];
    for line in commands {
        let told = told(line, None);
        let sentences = told.matches("no AWS credentials in the environment and the default profile").count();
        assert!(sentences == 1 && told.ends_with("= 2\n\n") && !told.contains('>'), "{told}");
    }
    let profiles = ["browser", "console", "other", "program", "empty", "gone"];
    let by_option = profiles.map(|name| told(&format!("status --profile {name}"), None));
    held("credentials", &(by_option.concat() + &told("status", Some("gone"))));
}
