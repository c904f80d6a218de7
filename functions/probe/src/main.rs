//! Lambda inside the VPC: does an endpoint take writes, by SQL? It makes no AWS call: its configuration is its
//! environment, its IAM tokens are signed on the spot, and its results leave as log lines.

mod invocation;

use std::process::ExitCode;

use responder_core::probe::settings::Settings;
use responder_sql::Prober;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    responder_lambda::process(async || {
        // What is no text is refused; it does not count as unset.
        let variable = |name: &str| Some(std::env::var_os(name)?.to_string_lossy().into_owned());
        let prober = Prober::new(Settings::read(variable)?)?;
        responder_lambda::serve(async |event| invocation::handle(&prober, event).await).await
    })
    .await
}
