//! From senders to screens, simulated: two servers on one store in memory, senders
//! that send again and in any order, clients of the stream that come back, and by
//! seed whatever can go wrong on the way: commits that are lost, or done but not
//! heard of, a log that cannot be read, servers that stop or die.
//!
//! All runs in one thread under a clock of its own, and what is drawn depends on
//! the seed alone: `PILIN_SIM_SEED=7 cargo test --lib sim` does once more what
//! failed, `PILIN_SIM_STEPS` says how long.

mod city;
mod senders;
mod viewer;
mod weather;

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::Instant;

use city::City;

/// What came of a run, to be the same each time.
fn run(seed: u64, steps: u64) -> u64 {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    let done = catch_unwind(AssertUnwindSafe(|| {
        runtime.block_on(async {
            let mut city = City::found(seed).await;
            for _ in 0..steps {
                city.step().await;
            }
            city.settle().await;
            city.check().await
        })
    }));
    done.unwrap_or_else(|why| {
        eprintln!("do it once more: PILIN_SIM_SEED={seed} PILIN_SIM_STEPS={steps}");
        resume_unwind(why)
    })
}

fn asked(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap())
}

#[test]
fn whatever_fails_nothing_is_lost_and_nothing_comes_twice() {
    let steps = asked("PILIN_SIM_STEPS").unwrap_or(2_000);
    let seeds = asked("PILIN_SIM_SEED").map_or(0..12, |seed| seed..seed + 1);
    let (begun, runs) = (Instant::now(), seeds.end - seeds.start);
    for seed in seeds {
        run(seed, steps);
    }
    let rate = u128::from(runs * steps) * 1_000 / begun.elapsed().as_millis().max(1);
    println!("{runs} seeds, {steps} steps each, {rate} steps/s");
}

#[test]
fn a_seed_does_the_same_every_time() {
    assert_eq!(run(3, 600), run(3, 600));
}
