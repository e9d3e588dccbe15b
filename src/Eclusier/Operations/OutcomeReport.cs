namespace Eclusier.Operations;

/// <summary>How a request ended.</summary>
/// <param name="Outcome"><c>up-to-date</c>, <c>committed</c>, <c>rolled-back</c>, <c>rollback-failed</c>, <c>failed</c>, <c>rejected</c>, <c>waiting</c>, <c>expired</c>, <c>blocked</c>, <c>unavailable</c>, <c>done</c>.</param>
/// <param name="Deployment">The deployment it was, if there was one.</param>
public sealed record OutcomeReport(string Stack, string Outcome, string Message, DeploymentReport? Deployment);
