//! The command line.

use std::path::PathBuf;

use clap::Parser;
use time::{Date, Month, OffsetDateTime};

use crate::error::ChaosError;

/// Plays a move of the writer on the real function binaries for each call that it makes and each way in which that call can
/// fail, several at once, each in an emulated AWS of its own.
///
/// The exit status is the verdict: 0 when every cell ended as it has to, 1 when one did not, 2 when the matrix could not be
/// played, 130 after Ctrl-C. Usually started by `make chaos`.
#[derive(Debug, Parser)]
#[command(name = "chaos", version)]
pub(crate) struct Args {
    /// Play only this cell, such as switchover/route53:ChangeResourceRecordSets/lost; may be given several times
    #[arg(long = "cell")]
    pub(crate) cells: Vec<String>,

    /// Play a fifth of the cells, drawn by this date: today, or such as 2026-11-27
    #[arg(long, value_name = "DATE")]
    pub(crate) fifth: Option<String>,

    /// How many cells are played at once
    #[arg(long, default_value_t = 14)]
    pub(crate) at_once: usize,

    /// The Python environment with the AWS emulator
    #[arg(long, default_value = "target/venv")]
    pub(crate) venv: PathBuf,

    /// The folder with the binaries of the functions follow and failover [default: this program's own]
    #[arg(long)]
    pub(crate) functions: Option<PathBuf>,

    /// Where chaos.json and chaos.html go
    #[arg(long, default_value = "target/chaos")]
    pub(crate) out: PathBuf,
}

impl Args {
    /// The number of the day that draws a fifth, if one is wanted.
    pub(crate) fn day(&self) -> Result<Option<usize>, ChaosError> {
        let Some(text) = &self.fifth else { return Ok(None) };
        let date = if text == "today" { Some(OffsetDateTime::now_utc().date()) } else { date(text) };
        let day = date.and_then(|date| usize::try_from(date.to_julian_day()).ok());
        day.map(Some).ok_or_else(|| ChaosError::NoDate(text.clone()))
    }
}

fn date(text: &str) -> Option<Date> {
    let mut parts = text.splitn(3, '-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let month = Month::try_from(month.parse::<u8>().ok()?).ok()?;
    Date::from_calendar_date(year.parse().ok()?, month, day.parse().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(arguments: &[&str]) -> Result<Option<usize>, String> {
        let args = Args::try_parse_from([&["chaos"], arguments].concat()).unwrap();
        args.day().map_err(|error| error.to_string())
    }

    #[test]
    fn a_fifth_is_drawn_by_a_date() {
        assert_eq!(day(&[]), Ok(None));
        let one = day(&["--fifth", "2026-11-27"]).unwrap().unwrap();
        assert_eq!(day(&["--fifth", "2026-11-28"]), Ok(Some(one + 1)));
        assert!(day(&["--fifth", "today"]).unwrap().is_some());
        for wrong in ["tomorrow", "2026-13-01", "2026-02-30", "2026-11"] {
            assert!(day(&["--fifth", wrong]).unwrap_err().starts_with(wrong), "{wrong}");
        }
    }
}
