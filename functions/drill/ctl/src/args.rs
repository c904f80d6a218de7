//! The command line and its help.

use std::path::PathBuf;

use clap::{Parser, Subcommand};
use clap_complete::Shell;
use responder_core::probe::settings::USER_DEFAULT;

const EXAMPLES: &str = "\
Examples:
  failoverctl status                                  every database: who is the writer, what is published, what is wrong
  failoverctl watch todo                              the same again every five seconds, until Ctrl-C
  failoverctl plan todo --to ap-northeast-3           every API call that a switchover and a failover would make
  failoverctl switchover todo --to ap-northeast-3 --why 'monthly drill'
  failoverctl failback todo                           a switchover to the configured home_region
  failoverctl failover todo --to ap-northeast-3       unplanned: loses what was not replicated; asks for the database's name
  failoverctl salvage todo --wait                     after a failover: keeps AWS's snapshot of what was lost
  failoverctl hold todo --reason 'database upgrade'   nothing moves until: failoverctl release todo
  failoverctl doctor                                  is the installation fit, and how to mend it
  failoverctl probe todo                              what every Region's probe sees now, by SQL
  failoverctl probe install | psql -d todo            the probe's role, schema and table, on the writer

Regions: --region is asked first, --peer-region when it does not answer. Give both, so that one of them may be dead.

Exit status:
  0  done, and every objective was met        5  no Region's function answers
  1  done, but an objective was missed, or    6  not confirmed, nothing was changed
     doctor found something to mend           7  still in progress, or nobody knows:
                                                 repeat the same command
  2  the command line is wrong, or there      8  a file could not be read or written
     are no credentials
  3  refused, nothing was changed
  4  started, but it ended without a new      9  Lambda throttles the function: repeat
     writer, or RDS refused it                   the same command in a minute";

/// Drills of an Aurora global database by hand, through the deployed function.
///
/// A transition is checked first, called once, watched until the new writer is published and read back, and answered with a
/// report. After an interruption repeat the same command: it goes on with the transition, and starts nothing twice.
#[derive(Debug, Parser)]
#[command(name = "failoverctl", version, after_help = EXAMPLES)]
pub(crate) struct Args {
    /// What to do
    #[command(subcommand)]
    pub(crate) command: Command,

    #[command(flatten)]
    pub(crate) place: Place,

    /// Print the function's own JSON and nothing else on standard output
    #[arg(long, global = true)]
    pub(crate) json: bool,

    /// Do not ask yes or no. A failover and a declaration refuse this: for them the database's name has to be typed
    #[arg(long, short, global = true)]
    pub(crate) yes: bool,

    /// Who asks, for the report [default: the login name on this machine]
    #[arg(long, global = true)]
    pub(crate) who: Option<String>,

    /// Why, for the report
    #[arg(long, global = true)]
    pub(crate) why: Option<String>,
}

/// Where the functions are.
#[derive(Debug, clap::Args)]
pub(crate) struct Place {
    /// The Region to ask first [default: the profile's, or that of the environment]
    #[arg(long, global = true)]
    pub(crate) region: Option<String>,

    /// The Region to ask when the first does not answer; may be given several times
    #[arg(long = "peer-region", global = true, env = "FAILOVERCTL_PEER_REGION", value_delimiter = ',')]
    pub(crate) peers: Vec<String>,

    /// The AWS profile
    #[arg(long, global = true)]
    pub(crate) profile: Option<String>,

    /// The installation's prefix in Parameter Store, for doctor
    #[arg(long, global = true, default_value = "/failover-responder")]
    pub(crate) prefix: String,

    /// How many seconds a Region may take to answer anything but a transition, before its peer is asked
    #[arg(long, global = true, default_value_t = 30, value_name = "SECONDS")]
    pub(crate) patience: u64,

    /// The drill function's name
    #[arg(long, global = true, default_value = "failover-responder-drill")]
    pub(crate) function_name: String,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show every database, or one: topology, what is published, lag, hold, the last run
    Status {
        /// The database [default: all]
        database: Option<String>,
    },
    /// Show the status again and again, until Ctrl-C
    Watch {
        /// The database [default: all]
        database: Option<String>,
        /// The pause between two looks
        #[arg(long, default_value_t = 5, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=3600))]
        every: u64,
        /// How many looks [default: until Ctrl-C]
        #[arg(long, value_name = "LOOKS")]
        count: Option<u64>,
    },
    /// Show every API call that moving the writer would make, and which checks would refuse it; changes nothing
    Plan {
        /// The database
        database: String,
        /// The Region that is to get the writer
        #[arg(long = "to", value_name = "REGION")]
        target: String,
    },
    /// Move the writer without loss
    Switchover {
        /// The database
        database: String,
        /// The Region that is to get the writer
        #[arg(long = "to", value_name = "REGION")]
        target: String,
        /// Change nothing, show what would be called
        #[arg(long)]
        dry_run: bool,
    },
    /// Move the writer although the old one may be dead: writes that were not replicated are lost
    #[command(
        after_help = "Asks for the database's name, also in a script: echo todo | failoverctl failover todo --to REGION"
    )]
    Failover {
        /// The database
        database: String,
        /// The Region that is to get the writer
        #[arg(long = "to", value_name = "REGION")]
        target: String,
        /// Change nothing, show what would be called
        #[arg(long)]
        dry_run: bool,
    },
    /// Move the writer to the configured home Region, without loss
    Failback {
        /// The database
        database: String,
        /// Change nothing, show what would be called
        #[arg(long)]
        dry_run: bool,
    },
    /// Set the hold switch: nothing moves the writer of this database, in any Region
    Hold {
        /// The database
        database: String,
        /// Why: this is what people read who meet the hold
        #[arg(long)]
        reason: String,
    },
    /// Take the hold switch away
    Release {
        /// The database
        database: String,
    },
    /// Say that a cluster that was detached and promoted is the writer now
    Declare {
        /// The database
        database: String,
        /// The Region of the promoted cluster
        #[arg(long = "to", value_name = "REGION")]
        target: String,
    },
    /// After a failover, keep what it lost: copy AWS's snapshot of the old writer, which else goes with its backups
    #[command(
        after_help = "Asks before it copies. Nothing is ever deleted; the answer names the command that takes a copy back.\n\
                      How to compare the rows: docs/compare-rows.md"
    )]
    Salvage {
        /// The database
        database: String,
        /// Since when the snapshot was taken, such as 2026-11-22T22:31:04Z [default: an hour before the writer moved]
        #[arg(long, value_name = "TIME")]
        since: Option<String>,
        /// Copy nothing, show what would be called
        #[arg(long)]
        dry_run: bool,
        /// Ask again and again until the copy is available, until Ctrl-C
        #[arg(long)]
        wait: bool,
        /// The pause between two looks while waiting
        #[arg(long, default_value_t = 30, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=3600))]
        every: u64,
    },
    /// Render a report's JSON as a page
    Report {
        /// The JSON, as a transition with --json or the local drill writes it; - for standard input
        file: PathBuf,
        /// Where the page goes [default: the same name, ending in .html]
        #[arg(long, short)]
        output: Option<PathBuf>,
    },
    /// Check the installation in each Region that is given, and say how to mend what is wrong
    Doctor,
    /// Ask every Region's probe for a look now: who takes writes, how old the heartbeats are, how far a replica is behind
    #[command(args_conflicts_with_subcommands = true)]
    Probe {
        /// The database [default: all]
        database: Option<String>,
        #[command(subcommand)]
        what: Option<Probe>,
    },
    /// Print the completions for a shell
    #[command(
        after_help = "bash: failoverctl completions bash > ~/.local/share/bash-completion/completions/failoverctl"
    )]
    Completions {
        /// The shell
        shell: Shell,
    },
}

/// What a probe needs.
#[derive(Debug, Subcommand)]
pub(crate) enum Probe {
    /// Print the SQL that makes a probe's role, schema and table: to be run on the writer, in each database; again as often
    /// as one likes
    #[command(
        after_help = "The role signs in by IAM and has no password. Where PostgreSQL has no rds_iam, give it one: \\password ROLE"
    )]
    Install {
        /// The role that the probe signs in as
        #[arg(long, default_value = USER_DEFAULT, value_name = "ROLE")]
        user: String,
    },
}
