//! `cost decode`

mod args;
mod plain;
mod show;

pub(crate) use args::DecodeArgs;
use args::Method;
use cost_models::decode::{Deployment, Task};

use crate::failure::{Result, text};
use crate::load;
use crate::output;

pub(crate) fn run(args: &DecodeArgs) -> Result<()> {
    let deployment = deployment(args)?;
    let task = Task { sequences: args.task.batch, prompt: args.task.prompt, output: args.task.output };
    for method in &args.method {
        match method {
            Method::Plain => {
                let answer = cost_models::decode::generation(&deployment, &task).map_err(text)?;
                if args.output.json {
                    output::json(&answer)?;
                } else {
                    output::print(&(show::heading(&deployment, Some(&task)) + &plain::page(&answer)))?;
                }
            }
        }
    }
    Ok(())
}

fn deployment(args: &DecodeArgs) -> Result<Deployment> {
    let model = load::model(&args.model, &args.reading)?;
    let options = load::options(&args.counting)?;
    let devices = load::devices(core::slice::from_ref(&args.on))?;
    let [device] = <[_; 1]>::try_from(devices)
        .map_err(|found| format!("--on: found {} devices in {}, expected one", found.len(), args.on))?;
    if !options.formats.set.is_empty() {
        let kernels = model.kernels(&cost_models::Workload::decode(1, 1), &options).map_err(text)?;
        load::check_set(&options, &kernels)?;
    }
    Ok(Deployment::new(model, options, device))
}
