//! The example of `README.md` on inner loops: how many sequences a step may have.

use cost_core::{Options, hardware};
use cost_models::{Steps, catalogue};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Compiled once: batch and past stay free.
    let plan = catalogue::find("llama-3.1-8b")?.plan(&Steps::decode(), &Options::default())?;
    let mut step = plan.on(&hardware::find("h100")?)?;
    for past in [1024, 8192, 65_536] {
        // The most sequences whose next tokens come within 20 ms at best.
        let mut batch = 0;
        while step.at(&[f64::from(batch + 1), f64::from(past)])?.time.lower_bound_s <= 0.020 {
            batch += 1;
        }
        println!("{past} cached tokens each: {batch} sequences");
    }
    let now = step.at(&[32.0, 8192.0])?.totals;
    println!("{:.1} FLOP/byte", now.flops.total() / (now.bits.total() / 8.0));
    // The same point exactly.
    let totals = plan.summary::<u128>().at(&[32, 8192])?;
    println!("{} FLOP, {} byte of cache read", totals.flops.total()?, totals.bits.cache_read / 8);
    Ok(())
}
