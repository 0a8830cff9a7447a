//! Messages on the devices' socket.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pilin::ingest::Frame;

fuzz_target!(|message: &[u8]| {
    match Frame::read(message) {
        // The items are a stretch of the message itself.
        Ok(frame) => {
            assert!(!frame.items.is_empty() && frame.items.len() < message.len());
            assert!(message.as_ptr_range().contains(&frame.items.as_ptr()));
        }
        Err(why) => assert!(!why.reason.is_empty()),
    }
});
