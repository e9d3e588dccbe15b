using Eclusier.Core.Planning;
using Eclusier.Core.Sources;

namespace Eclusier.Core.Reconciliation;

/// <summary>A plan, with what it is about.</summary>
public sealed record PlanPreview(Revision Revision, Plan Plan, int? From, bool IsQuarantined);
