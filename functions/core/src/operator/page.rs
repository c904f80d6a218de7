//! The page about a move that a person asked for.

use crate::operator::refusal::DrillError;
use crate::ports::Pages;
use crate::world::course::Course;

/// Keeps the page about a move that was called, however it ended.
pub(super) async fn keep<P: Pages>(
    ports: &P,
    ended: Result<Course, DrillError>,
) -> Result<Course, DrillError> {
    match ended {
        Ok(course) => Ok(kept(ports, course).await),
        Err(DrillError::Ended { why, course }) => {
            let course = Box::new(kept(ports, *course).await);
            Err(DrillError::Ended { why, course })
        }
        Err(error) => Err(error),
    }
}

/// A page that could not be kept is among what went wrong: the move itself is as it is.
async fn kept<P: Pages>(ports: &P, mut course: Course) -> Course {
    match ports.keep_page(&course).await {
        Ok(page) => course.page = page,
        Err(error) => course.failures.push(format!("could not keep the page about it: {error}")),
    }
    course
}
