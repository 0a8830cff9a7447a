//! From a store to files.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{BufWriter, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use futures_util::TryStreamExt;

use crate::domain::Time;
use crate::store::Contents;
use crate::store::contents::{Part, Reading, Row};

use super::error::{ArchiveError, At};
use super::manifest::{FORM, Head, Listed, Manifest};
use super::sum::Adding;
use super::{MANIFEST, file_name};

/// Writes all that a store of an epoch holds, as it stands, to a folder, which is
/// made if it is not there. It is on the disk when this returns.
///
/// # Errors
/// When there is anything in the folder, or it cannot be written, or the store
/// cannot be read.
pub async fn export(
    store: &dyn Contents,
    epoch: &str,
    folder: &Path,
    now: Time,
) -> Result<Manifest, ArchiveError> {
    make(folder)?;
    let mut still = store.still().await?;
    let mut files = Vec::new();
    let mut head = None;
    for part in Part::ALL {
        files.push(write(&mut *still, part, folder, &mut head).await?);
    }
    let pilin = env!("CARGO_PKG_VERSION").to_owned();
    let manifest =
        Manifest { form: FORM, pilin, made_at: now, epoch: epoch.to_owned(), head, files };
    // Texts and numbers: encoding them cannot fail.
    let text = serde_json::to_string_pretty(&manifest).unwrap_or_default();
    let place = folder.join(MANIFEST);
    let mut file = create(&place)?;
    writeln!(file, "{text}").at(&place)?;
    file.sync_all().at(&place)?;
    File::open(folder).and_then(|folder| folder.sync_all()).at(folder)?;
    Ok(manifest)
}

async fn write(
    still: &mut dyn Reading,
    part: Part,
    folder: &Path,
    head: &mut Option<Head>,
) -> Result<Listed, ArchiveError> {
    let name = file_name(part);
    let place = folder.join(&name);
    let mut file = BufWriter::new(create(&place)?);
    let mut adding = Adding::default();
    let mut rows = still.rows(part);
    while let Some(row) = rows.try_next().await? {
        if let Row::Batch(batch) = &row {
            *head = Some(Head { offset: batch.offset, at: batch.at });
        }
        let line = row.line() + "\n";
        adding.add(&line);
        file.write_all(line.as_bytes()).at(&place)?;
    }
    let file = file.into_inner().map_err(std::io::IntoInnerError::into_error).at(&place)?;
    file.sync_all().at(&place)?;
    Ok(Listed { file: name, sum: adding.sum() })
}

fn make(folder: &Path) -> Result<(), ArchiveError> {
    if !folder.exists() {
        return DirBuilder::new().recursive(true).mode(0o700).create(folder).at(folder);
    }
    if !folder.is_dir() || fs::read_dir(folder).at(folder)?.next().is_some() {
        return Err(ArchiveError::Taken(folder.display().to_string()));
    }
    Ok(())
}

/// A file for its owner's eyes alone: there are hashes of secrets among them.
fn create(place: &Path) -> Result<File, ArchiveError> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(place).at(place)
}
