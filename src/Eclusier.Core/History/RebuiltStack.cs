using Eclusier.Core.Releases;
using Eclusier.Core.Stacks;

namespace Eclusier.Core.History;

/// <summary>What is known of a stack after the journal has lost its memory.</summary>
/// <param name="HighestNumber">Numbers up to this one are not given again.</param>
/// <param name="SuspendedBecause">What happened, and what a person is to do.</param>
public sealed record RebuiltStack(StackName Stack, IReadOnlyList<RebuiltRelease> Releases, int HighestNumber, string SuspendedBecause);

/// <summary>A release that is known by its folder.</summary>
/// <param name="CommittedAt">About when it passed, where another release tells that it did; otherwise <c>null</c>.</param>
public sealed record RebuiltRelease(Release Release, DateTimeOffset? CommittedAt);
