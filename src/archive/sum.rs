//! How much a file is, and its hash.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::store::hex;

/// How much a file is, and its hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sum {
    /// Lines, each with its end.
    pub lines: u64,
    /// Bytes.
    pub bytes: u64,
    /// SHA-256 of them, in hex.
    pub sha256: String,
}

/// Adds a file up.
#[derive(Debug, Default)]
pub struct Adding {
    lines: u64,
    bytes: u64,
    hash: Sha256,
}

impl Adding {
    /// Adds a line that has its end.
    pub fn add(&mut self, line: &str) {
        self.lines += 1;
        self.bytes += line.len() as u64;
        self.hash.update(line);
    }

    /// What it comes to.
    pub fn sum(self) -> Sum {
        let sha256 = hex::encode(&self.hash.finalize().into());
        Sum { lines: self.lines, bytes: self.bytes, sha256 }
    }
}

impl Sum {
    /// What differs between what was said and what was found.
    pub fn difference(&self, found: &Self) -> Option<String> {
        if self.lines != found.lines {
            return Some(format!("{} lines, not {}", found.lines, self.lines));
        }
        if self.bytes != found.bytes {
            return Some(format!("{} bytes, not {}", found.bytes, self.bytes));
        }
        (self.sha256 != found.sha256).then(|| format!("its SHA-256 is {}", found.sha256))
    }
}
