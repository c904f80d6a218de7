//! The size of what is uploaded.

use std::fs;
use std::io::{Cursor, Write};
use std::path::Path;

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::error::BenchError;
use crate::report::data::Row;
use crate::stats::Stats;
use crate::subject::{Programs, Subject};

/// The zips of ours and of the baseline, whose boto3 is the one that Lambda's Python brings.
pub(crate) fn measure(programs: &Programs) -> Result<Row, BenchError> {
    let ours = zipped(&[("bootstrap", &programs.follow)])?;
    let record = zipped(&[("record.py", &programs.baseline.join("record.py"))])?;
    let both = zipped(&[
        ("record.py", &programs.baseline.join("record.py")),
        ("record_and_parameter.py", &programs.baseline.join("record_and_parameter.py")),
    ])?;
    let once = |size| Stats { median: size, p99: size, runs: 1 };
    let figures = Subject::ALL.into_iter().zip([ours, record, both]);
    let figures = figures.map(|(subject, size)| (subject.name(), once(size))).collect();
    Ok(Row::new("zip", "bytes", None, figures, None))
}

pub(super) fn zipped(files: &[(&str, &Path)]) -> Result<f64, BenchError> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(9));
    for (name, path) in files {
        let bytes = fs::read(path).map_err(BenchError::io(format!("read {}", path.display())))?;
        let started = zip.start_file(*name, options).map_err(std::io::Error::from);
        started.and_then(|()| zip.write_all(&bytes)).map_err(BenchError::io("zip"))?;
    }
    let done = zip.finish().map_err(std::io::Error::from).map_err(BenchError::io("zip"))?;
    #[expect(clippy::cast_precision_loss, reason = "a zip is smaller than 2^52 bytes")]
    Ok(done.into_inner().len() as f64)
}
