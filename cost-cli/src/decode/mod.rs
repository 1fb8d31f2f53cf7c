//! `cost decode`

mod answer;
mod batching;
mod cascade;
mod compare;
mod flash;
mod layers;
mod paged;
mod parallel;
mod plain;
mod progress;
mod show;
mod speculative;

use cost_api::DecodeRequest;
use cost_api::response::{Decode, Decoding};

use crate::args::Printed;
use crate::failure::{Result, text};
use crate::load::Disk;
use crate::output;
use crate::table::foot;
use progress::Progress;

/// What was asked.
struct Question<'a> {
    request: &'a DecodeRequest,
    about: &'a Decoding,
}

pub(crate) fn run(args: &Printed<DecodeRequest>) -> Result<()> {
    let request = &args.request;
    let decode = cost_api::decode(request, &Disk, &Progress::default()).map_err(text)?;
    if args.output.json {
        return output::json(&decode);
    }
    let (page, about) = match &decode {
        Decode::One(it) => (answer::page(&Question { request, about: &it.about }, &it.answer), &it.about),
        Decode::Compared(it) => (compare::page(&Question { request, about: &it.about }, &it.methods), &it.about),
    };
    output::page(&(page + foot(&about.notes).as_str()), &args.output)
}
