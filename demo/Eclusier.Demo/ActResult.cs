namespace Eclusier.Demo;

/// <summary>What a person can see of a stack once an act is over.</summary>
/// <param name="Result">How the deployment ended, as <c>eclusier history</c> says.</param>
/// <param name="Answer">What the application says of itself: <c>web v1, worker v1</c>.</param>
/// <param name="Commit">The last known good commit, as <c>eclusier status</c> says; its first seven characters.</param>
/// <param name="IsQuarantined">The release that was tried is in quarantine.</param>
internal sealed record Seen(string Result, string Answer, string Commit, bool IsQuarantined)
{
    public override string ToString() => $"{Result}; {Answer} ({Commit}){(IsQuarantined ? "; in quarantine" : "")}";
}

/// <summary>An act of the demo, when it is over.</summary>
internal sealed record ActResult(string Title, string Expected, string Happened)
{
    public bool IsAsExpected => Expected == Happened;
}
