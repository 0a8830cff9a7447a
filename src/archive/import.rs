//! From files to a store.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use futures_util::TryStreamExt;

use crate::store::contents::{Filling, Part};
use crate::store::{Contents, Entry};

use super::check::{Check, Fits};
use super::error::{ArchiveError, At};
use super::lines::Lines;
use super::manifest::{FORM, Manifest};
use super::sum::{Adding, Sum};
use super::{MANIFEST, file_name};

/// Events put into a store at once, with what holds them.
const EVENTS: usize = 20_000;

/// Rows put into a store at once.
const ROWS: usize = 1_000;

/// An archive that was looked through: its files are as its manifest says.
#[derive(Debug)]
pub struct Archive {
    folder: PathBuf,
    manifest: Manifest,
}

impl Archive {
    /// Looks through a folder.
    ///
    /// # Errors
    /// When it is no archive, or any file is not as the manifest says.
    pub fn open(folder: &Path) -> Result<Self, ArchiveError> {
        let place = folder.join(MANIFEST);
        let text = match fs::read_to_string(&place) {
            Err(why) if why.kind() == ErrorKind::NotFound => {
                return Err(ArchiveError::NoManifest(folder.display().to_string()));
            }
            other => other.at(&place)?,
        };
        let place = place.display().to_string();
        let manifest: Manifest = serde_json::from_str(&text)
            .map_err(|why| ArchiveError::Manifest { place: place.clone(), why })?;
        if manifest.form != FORM {
            return Err(ArchiveError::Form { place, found: manifest.form, known: FORM });
        }
        let archive = Self { folder: folder.to_owned(), manifest };
        for part in Part::ALL {
            let mut lines = archive.lines(part)?;
            let mut adding = Adding::default();
            while let Some(line) = lines.advance()? {
                adding.add(line);
            }
            archive.compare(part, &adding.sum())?;
        }
        Ok(archive)
    }

    /// Checks every row: the audit log's chain, numbers, names, agencies, and what the
    /// passwords' hashes cost.
    ///
    /// # Errors
    /// Names the file, line and field of the first that cannot be a store's.
    pub fn check(&self, fits: Fits<'_>) -> Result<(), ArchiveError> {
        let mut check = Check::new(fits);
        for part in Part::ALL {
            let mut lines = self.lines(part)?;
            while let Some(row) = lines.row(part)? {
                check.row(&row).map_err(|fault| lines.fault(&fault))?;
            }
        }
        Ok(())
    }

    /// What it says of itself.
    #[must_use]
    pub const fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Puts all of it into an empty store, reads that again, compares it with the
    /// manifest, and only then makes it durable.
    ///
    /// # Errors
    /// When the store is not empty, or anything does not come out as it went in; the
    /// store is then as it was.
    pub async fn fill(&self, store: &dyn Contents, entry: Entry) -> Result<(), ArchiveError> {
        let mut filling = store.fill().await?;
        for part in Part::ALL {
            self.put(part, &mut *filling).await?;
        }
        for part in Part::ALL {
            let found = added(&mut *filling, part).await?;
            self.compare(part, &found)
                .map_err(|_changed| ArchiveError::Unlike { part: part.name() })?;
        }
        Ok(filling.finish(entry).await?)
    }

    async fn put(&self, part: Part, filling: &mut dyn Filling) -> Result<(), ArchiveError> {
        let mut lines = self.lines(part)?;
        let (mut rows, mut events) = (Vec::new(), 0);
        while let Some(row) = lines.row(part)? {
            events += row.events();
            rows.push(row);
            if events >= EVENTS || rows.len() >= ROWS {
                filling.put(std::mem::take(&mut rows)).await?;
                events = 0;
            }
        }
        Ok(filling.put(rows).await?)
    }

    fn lines(&self, part: Part) -> Result<Lines, ArchiveError> {
        Lines::open(self.folder.join(file_name(part)))
    }

    /// Whether a part is as the manifest says.
    fn compare(&self, part: Part, found: &Sum) -> Result<(), ArchiveError> {
        let file = file_name(part);
        let said = self.manifest.files.iter().find(|listed| listed.file == file);
        let why = match said {
            Some(said) => said.sum.difference(found),
            None => Some("it is not in it".to_owned()),
        };
        let Some(why) = why else { return Ok(()) };
        let place = self.folder.join(file).display().to_string();
        Err(ArchiveError::Changed { place, why })
    }
}

/// What the rows of a part come to as a file.
async fn added(from: &mut dyn Filling, part: Part) -> Result<Sum, ArchiveError> {
    let mut adding = Adding::default();
    let mut rows = from.rows(part);
    while let Some(row) = rows.try_next().await? {
        adding.add(&(row.line() + "\n"));
    }
    Ok(adding.sum())
}
