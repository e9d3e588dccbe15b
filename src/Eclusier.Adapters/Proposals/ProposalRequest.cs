namespace Eclusier.Adapters.Proposals;

/// <summary>What a configuration is to be made of.</summary>
/// <param name="Directory">A clone, or a folder in one; <c>null</c>: where the running project is, or the current folder.</param>
/// <param name="Project">A running Compose project; <c>null</c>: the one that runs from the clone, if any.</param>
/// <param name="Settings">What the person has decided: keys of a stack (<c>auth.token_file</c>), <c>name</c> or <c>state_dir</c>, and their values.</param>
/// <param name="ConfigurationFile">Where it is to go: paths in it are relative to that.</param>
/// <param name="Ask">Asks the person; <c>null</c>: what cannot be seen must be in <paramref name="Settings"/>.</param>
public sealed record ProposalRequest(string? Directory, string? Project, IReadOnlyList<KeyValuePair<string, string>> Settings, string ConfigurationFile, Func<string, string>? Ask)
{
    public string? Setting(string key) => Settings.LastOrDefault(setting => setting.Key == key).Value;
}

/// <summary>A configuration that was proposed.</summary>
/// <param name="Text">The whole file.</param>
/// <param name="StackText">The stack alone, as it would stand under <c>stacks:</c> of another file.</param>
/// <param name="Notes">What a person should know of it.</param>
public sealed record Proposal(string Stack, string Text, string StackText, IReadOnlyList<string> Notes);
