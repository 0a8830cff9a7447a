//! `pilin import`.

use std::io::{Write, stdout};
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use clap::Args;
use serde_json::json;

use pilin::archive::{Archive, Fits};
use pilin::region::Region;

use super::store::{Where, block_on, here, operator};

/// Put all that `pilin export` wrote into an empty store of either kind.
///
/// Before anything is written, every row is checked: the chain of the audit log, numbers,
/// names, agencies (which must be jurisdictions of the region), and what the hashes of
/// passwords cost. It is read again and compared with the manifest before it is kept; what does not
/// compare is not kept at all. What is served of it is another history: clients begin
/// anew.
#[derive(Debug, Args)]
pub struct Command {
    #[command(flatten)]
    at: Where,
    /// Folder of the region that the store is of.
    #[arg(long, env = "PILIN_REGION", value_name = "DIR", default_value = "data")]
    region: PathBuf,
    /// The folder.
    folder: PathBuf,
}

impl Command {
    /// Runs it.
    pub fn run(self) -> anyhow::Result<()> {
        let Self { at, region, folder } = self;
        block_on(async move {
            let archive = Archive::open(&folder)?;
            let region = Region::read(&region).context("--region")?;
            archive.check(Fits {
                region: &region.name_en,
                is_agency: &|code| region.atlas.jurisdiction(code).is_some(),
            })?;
            let opened = at.make().await?;
            let contents = Arc::clone(&opened.contents);
            let gate = at.gate_of(opened).await?;
            let target = folder.display().to_string();
            let mut entry = gate.entry(operator(), &here(), "import-store", &target);
            let manifest = archive.manifest();
            entry.after = Some(json!({
                "epoch": manifest.epoch, "made_at": manifest.made_at, "files": manifest.files,
            }));
            archive.fill(&*contents, entry).await?;
            let mut out = stdout();
            for listed in &manifest.files {
                writeln!(out, "{}: {} lines, as in the manifest", listed.file, listed.sum.lines)?;
            }
            Ok(())
        })
    }
}
