"""Criteria of a call, who reviews what, declared conflicts of interest, scores; a lab's interviews."""

from reviews.models.interviews import Interview, InterviewNote, InterviewPlan, InterviewSlot
from reviews.models.reviewing import Conflict, Criterion, Review, Score

__all__ = ["Conflict", "Criterion", "Interview", "InterviewNote", "InterviewPlan", "InterviewSlot", "Review", "Score"]
