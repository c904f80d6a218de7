//! Reading a report from JSON, and writing it to files: whole or not at all.

use std::{
    fs::Permissions,
    io::{self, Write},
    os::unix::fs::PermissionsExt,
    path::Path,
};

use maud::Markup;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::ser::{Formatter, PrettyFormatter};

use crate::{FORMAT, ReadError, Report, WriteError, html, wire};

impl Report {
    /// Reads a report of format [`FORMAT`].
    ///
    /// Fields that this version does not know are ignored. A missing or contradictory one is an error that names its
    /// path, and so is another format.
    pub fn parse(json: &str) -> Result<Self, ReadError> {
        #[derive(Deserialize)]
        struct Header {
            format: Value,
        }
        let document: Value = serde_json::from_str(json).map_err(ReadError::NotAReport)?;
        let header = Header::deserialize(&document).map_err(ReadError::NotAReport)?;
        if header.format != FORMAT {
            return Err(ReadError::UnknownFormat { found: header.format.to_string(), known: FORMAT });
        }
        let mut report: Self = serde_path_to_error::deserialize(&document).map_err(|error| {
            ReadError::Field { path: error.path().to_string(), source: error.into_inner() }
        })?;
        wire::settle(&mut report, &document)?;
        Ok(report)
    }

    /// The report as indented JSON, with a newline at its end.
    pub fn to_json(&self) -> Result<String, WriteError> {
        let mut bytes = Vec::new();
        let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, Readable::default());
        self.serialize(&mut serializer).map_err(WriteError::Json)?;
        bytes.push(b'\n');
        String::from_utf8(bytes).map_err(|error| WriteError::Json(serde::ser::Error::custom(error)))
    }

    /// The report as one self-contained HTML page.
    pub fn to_html(&self) -> String {
        self.to_html_with(&Markup::default())
    }

    /// The same with something more behind the scenarios.
    pub fn to_html_with(&self, more: &Markup) -> String {
        html::page(self, more).into_string()
    }

    /// Writes [`Report::to_json`] to `path`; whoever reads the file meanwhile sees the old one or the new one.
    pub fn write_json(&self, path: &Path) -> Result<(), WriteError> {
        replace(path, &self.to_json()?)
    }

    /// Writes [`Report::to_html`] to `path`; whoever reads the file meanwhile sees the old one or the new one.
    pub fn write_html(&self, path: &Path) -> Result<(), WriteError> {
        replace(path, &self.to_html())
    }
}

fn replace(path: &Path, contents: &str) -> Result<(), WriteError> {
    let failed = |step| move |source| WriteError::File { path: path.to_owned(), step, source };
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    // A report is for everybody to read; the temporary file's own default is its owner alone.
    let mut file = tempfile::Builder::new()
        .prefix(".drill-report-")
        .permissions(Permissions::from_mode(0o644))
        .tempfile_in(folder)
        .map_err(failed("creating a temporary file beside it"))?;
    file.write_all(contents.as_bytes()).map_err(failed("filling the temporary file"))?;
    file.as_file().sync_all().map_err(failed("flushing the temporary file"))?;
    file.persist(path)
        .map_err(|error| error.error)
        .map_err(failed("putting the temporary file in its place"))?;
    Ok(())
}

/// Indented objects, but lists on the line of their brackets: a series of a hundred numbers is one line, not a hundred.
#[derive(Default)]
struct Readable(PrettyFormatter<'static>);

impl Formatter for Readable {
    fn begin_array_value<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        if first { Ok(()) } else { writer.write_all(b", ") }
    }

    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object(writer)
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object(writer)
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_object_key(writer, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object_value(writer)
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object_value(writer)
    }
}
