//! What the command line, and whoever else embeds the project, asks: a [`Request`] for every command, and its [`Response`].
//!
//! Both are plain data, and JSON. Nothing is printed, and no file is opened: what a request names that isn't built in comes
//! from [`Sources`].
//!
//! ```
//! use cost_api::response::{Report, Response};
//! use cost_api::{NoFiles, Request, answer};
//!
//! let request = Request::from_json(r#"{"command": "report", "what": "llama-2-7b", "on": ["h100"]}"#)?;
//! let response = answer(&request, &NoFiles)?;
//! if let Response::Report(Report::Step(report)) = &response {
//!     assert_eq!(report.params.total, 6_738_415_616);
//! }
//! println!("{}", serde_json::to_string(&response)?);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod at;
mod balance;
mod calibrate;
mod decode;
mod diff;
mod draw;
mod error;
mod explain;
mod fit;
mod formula;
mod hardware;
mod listener;
mod load;
mod models;
pub mod number;
mod page;
mod plot;
mod published;
mod report;
pub mod request;
pub mod response;
mod roofline;
mod search;
mod sources;
mod sweep;

pub use balance::balance;
pub use calibrate::calibrate;
pub use decode::decode;
pub use diff::diff;
pub use error::{Error, Kind, Result};
pub use explain::explain;
pub use fit::fit;
pub use formula::formula;
pub use hardware::hardware;
pub use listener::Listener;
pub use models::models;
pub use page::report_page;
pub use plot::Plot;
pub use published::published;
pub use report::report;
pub use request::{
    BalanceRequest, CalibrateRequest, CountingOptions, DecodeRequest, DiffRequest, ExplainRequest, FitRequest,
    FormatOptions, FormulaRequest, HardwareRequest, MeshRequest, ModelsRequest, PublishedRequest, ReadingOptions,
    ReportRequest, Request, RooflineRequest, RuleOptions, SetOptions, SweepRequest, What,
};
pub use response::Response;
pub use roofline::{roofline, roofline_svg};
pub use search::mesh;
pub use sources::{NoFiles, Sources};
pub use sweep::{Sweeping, sweep};

/// The answer to a request. Files that it names come from `sources`.
pub fn answer(request: &Request, sources: &dyn Sources) -> Result<Response> {
    Ok(match request {
        Request::Report(request) => Response::Report(report(request, sources)?),
        Request::Formula(request) => Response::Formula(formula(request, sources)?),
        Request::Explain(request) => Response::Explain(Box::new(explain(request, sources)?)),
        Request::Balance(request) => Response::Balance(balance(request, sources)?),
        Request::Fit(request) => Response::Fit(fit(request, sources)?),
        Request::Decode(request) => Response::Decode(decode(request, sources, &())?),
        Request::Mesh(request) => Response::Mesh(mesh(request, sources)?),
        Request::Sweep(request) => Response::Sweep(sweep(request, sources, &())?),
        Request::Diff(request) => Response::Diff(diff(request, sources)?),
        Request::Roofline(request) => Response::Roofline(roofline(request, sources)?),
        Request::Calibrate(request) => Response::Calibrate(Box::new(calibrate(request, sources)?)),
        Request::Models(request) => Response::Models(models(request, sources)?),
        Request::Hardware(request) => Response::Hardware(hardware(request, sources)?),
        Request::Published(request) => Response::Published(published(request)),
    })
}
