using Eclusier.Adapters.Configuration.Formats;
using Eclusier.Core.Notifications;
using Eclusier.Core.Stacks;

namespace Eclusier.Adapters.Configuration.Keys;

/// <summary>The keys of <c>commit_status</c>.</summary>
internal static class CommitStatusKeys
{
    public static readonly Key<ForgeType> Type = new("type", new ChoiceFormat<ForgeType>(("github", ForgeType.Github), ("gitlab", ForgeType.Gitlab), ("gitea", ForgeType.Gitea)))
    {
        IsRequired = true,
        Description = "The forge. `gitea` is Forgejo too.",
        Example = "type: github",
    };

    public static readonly Key<Secret> Token = new("token", new SecretFormat("an access token"))
    {
        Description = "A token that may write commit statuses: GitHub's `repo:status` or \"Commit statuses: write\", GitLab's `api`, Gitea's `write:repository`. Better given by `token_file`.",
        Example = "token: ${STATUS_TOKEN}",
    };

    public static readonly Key<string> TokenFile = new("token_file", new HostFileFormat("a file that holds an access token"))
    {
        Description = "A file that holds the token.",
        Example = "token_file: /etc/eclusier/status.token",
    };

    public static readonly Key<Uri> ApiUrl = new("api_url", new HttpUrlFormat())
    {
        Description = "Where the forge's API begins.",
        Otherwise = "what the repository's address tells",
        Example = "api_url: https://git.example.org/api/v1",
    };

    public static readonly DefaultedKey<string> Context = new("context", new TextFormat("a name"), "eclusier")
    {
        Description = "The name under which the state stands beside those of CI. Several hosts that deploy one repository each need their own.",
        Example = "context: eclusier/production",
    };

    public static readonly Group<CommitStatusSettings> Group = new(
        "commit_status",
        [Type, Token, TokenFile, ApiUrl, Context],
        [new KeyRule.OneOf(IsRequired: true, Token, TokenFile)],
        reading => reading.FindValue(Type) is { } type && NotifierKeys.SecretOf(reading, Token, TokenFile) is { } token
            ? new CommitStatusSettings(type, token, reading.Find(ApiUrl), reading.Value(Context))
            : null);
}
