//! Tables: of what is read, no character is lost, and it reads again as it was.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pilin::table::{Coordinates, Table};

fuzz_target!(|bytes: &[u8]| {
    let Ok(mut table) = Table::open(bytes) else { return };
    let coordinates = Coordinates::of(&table).ok();
    let mut rows = vec![table.header().clone()];
    loop {
        let mut row = csv::ByteRecord::new();
        match table.next(&mut row) {
            Ok(true) => {}
            Ok(false) => break,
            Err(_) => return,
        }
        assert_eq!(row.len(), rows[0].len());
        assert!(row.iter().all(|field| std::str::from_utf8(field).is_ok()));
        if let Some(Ok(Some((lon, lat)))) = coordinates.map(|columns| columns.at(&row)) {
            let _ = pilin::domain::LngLat::new(lon, lat);
        }
        rows.push(row);
    }
    let mut writer = csv::Writer::from_writer(Vec::new());
    rows.iter().for_each(|row| writer.write_byte_record(row).expect("memory"));
    let text = writer.into_inner().expect("memory");
    // A header may have more of another separator, or nothing but blanks; what looks like a
    // byte order mark is one when it comes first.
    if text.starts_with("\u{feff}".as_bytes()) {
        return;
    }
    let Ok(mut again) = Table::open(&*text) else { return };
    if again.separator() != b',' || again.header() != &rows[0] {
        return;
    }
    let mut row = csv::ByteRecord::new();
    for written in &rows[1..] {
        assert!(again.next(&mut row).expect("what was written reads"));
        assert_eq!(&row, written);
    }
    assert!(!again.next(&mut row).expect("and has an end"));
});
