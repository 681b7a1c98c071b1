//! Progress bar on the terminal: position, rate and remaining time. Hidden if the output is not a terminal.

use indicatif::{ProgressBar, ProgressStyle};

/// Returns a bar over positions of the log.
pub fn bar() -> ProgressBar {
    let bar = ProgressBar::new(0);
    let template = "{msg:10} {bar:32} {human_pos}/{human_len}  {per_sec}  {eta} left";
    bar.set_style(ProgressStyle::with_template(template).expect("the template is well formed"));
    bar
}
