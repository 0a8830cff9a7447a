//! Commands of the stream's clients, and the names of channels in them. A
//! channel has one name: what it is told by is what it was asked by.
#![no_main]

use std::path::Path;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use pilin::region::Region;
use pilin::stream::channel::Channel;
use pilin::stream::protocol::Command;
use pilin::wire::AtlasNames;

static NAMES: LazyLock<AtlasNames> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/boston");
    let region = Region::read(&folder).expect("data/boston is a region");
    AtlasNames::new(region.atlas, region.level, 1_000.0)
});

fuzz_target!(|message: &str| {
    for line in message.split('\n') {
        let Ok(command) = serde_json::from_str::<Command>(line) else { continue };
        let _ = command.is_pong();
        let asked = command.subscribe.map(|subscribe| subscribe.channel);
        for name in asked.into_iter().chain(command.unsubscribe.map(|leave| leave.channel)) {
            if let Some(Channel::Units(cell)) = Channel::parse(&name, &*NAMES) {
                assert_eq!(cell.to_string(), name);
            }
        }
    }
});
