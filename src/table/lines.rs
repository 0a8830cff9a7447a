//! Lines to be named to a person: how many, and the first of them.

use std::fmt;

use csv::ByteRecord;

use super::number;

/// So many are named.
const NAMED: usize = 10;

/// Lines to be named: how many, and the first of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lines {
    count: u64,
    first: Vec<u64>,
}

impl Lines {
    /// One more.
    pub fn add(&mut self, line: &ByteRecord) {
        self.count += 1;
        if self.first.len() < NAMED {
            self.first.push(number(line));
        }
    }

    /// How many there are.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.count
    }
}

/// As in “3 rows (lines 2, 5 and 6)”.
impl fmt::Display for Lines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (rows, lines) = if self.count == 1 { ("row", "line") } else { ("rows", "lines") };
        write!(f, "{} {rows} ({lines} ", self.count)?;
        let more = self.count > self.first.len() as u64;
        for (at, line) in self.first.iter().enumerate() {
            let last = at + 1 == self.first.len() && !more;
            let between = if at == 0 {
                ""
            } else if last {
                " and "
            } else {
                ", "
            };
            write!(f, "{between}{line}")?;
        }
        f.write_str(if more { " …)" } else { ")" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_counted_and_the_first_named() {
        let told = |all: &[u64]| {
            let lines = Lines { count: all.len() as u64, first: all[..all.len().min(3)].to_vec() };
            lines.to_string()
        };
        assert_eq!(told(&[3]), "1 row (line 3)");
        assert_eq!(told(&[3, 5]), "2 rows (lines 3 and 5)");
        assert_eq!(told(&[3, 5, 6]), "3 rows (lines 3, 5 and 6)");
        assert_eq!(told(&[3, 5, 6, 7]), "4 rows (lines 3, 5, 6 …)");
    }
}
