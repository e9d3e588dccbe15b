using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Eclusier.Adapters.Files;
using Eclusier.Core.Deployments;
using Eclusier.Core.Notifications;

namespace Eclusier.Adapters.Notifications;

/// <summary>Shows at the forge, beside the commit, what became of it: pending, success, failure.</summary>
/// <param name="repository">The stack's repository, as configured.</param>
internal sealed class CommitStatus(CommitStatusSettings settings, string repository, MessageSender sender) : INotifier
{
    private const int LongestDescription = 140; // GitHub's limit, the smallest

    public async Task TellAsync(Event told, CancellationToken cancellationToken)
    {
        if (told.To?.Commit is not { } commit)
        {
            return;
        }

        var (host, path) = CommitLink.Parse(repository) ?? throw FailureException.Rejected("the repository's address does not tell where its forge is");
        var token = Secrets.Read(settings.Token);
        using var request = RequestOf(host, path, commit, token, told);
        await sender.SendAsync(request, [token], cancellationToken);
    }

    private HttpRequestMessage RequestOf(string host, string path, string commit, string token, Event told)
    {
        var state = StateOf(told);
        var description = Message.Cut(told.Kind is EventKind.Started ? $"being deployed to {told.Host}" : told.Message.Length > 0 && state != State.Success ? $"{WordOf(told)}: {told.Message}" : WordOf(told), LongestDescription);
        var isGitlab = settings.Type is ForgeType.Gitlab;
        var api = (settings.ApiUrl?.ToString() ?? settings.Type switch
        {
            ForgeType.Github => host == "github.com" ? "https://api.github.com" : $"https://{host}/api/v3",
            ForgeType.Gitlab => $"https://{host}/api/v4",
            _ => $"https://{host}/api/v1",
        }).TrimEnd('/');
        var body = new JsonObject
        {
            ["state"] = isGitlab ? GitlabWord(state) : state.ToWord(),
            [isGitlab ? "name" : "context"] = settings.Context,
            ["description"] = description,
        };
        var request = MessageSender.Post(new Uri(isGitlab ? $"{api}/projects/{Uri.EscapeDataString(path)}/statuses/{commit}" : $"{api}/repos/{path}/statuses/{commit}"), body);
        if (isGitlab)
        {
            request.Headers.Add("PRIVATE-TOKEN", token);
        }
        else
        {
            request.Headers.Authorization = new AuthenticationHeaderValue(settings.Type is ForgeType.Gitea ? "token" : "Bearer", token);
        }

        return request;
    }

    private static State StateOf(Event told) => told.Kind switch
    {
        EventKind.Started => State.Pending,
        EventKind.Committed or EventKind.Recovered or EventKind.Drift => State.Success,
        EventKind.Closed => told.Deployment?.Result switch
        {
            "up-to-date" => State.Success,
            "superseded" => State.Error,
            _ => State.Failure,
        },
        _ => State.Failure,
    };

    private static string WordOf(Event told) => told.Deployment?.Result switch
    {
        "committed" => $"deployed to {told.Host}",
        "up-to-date" => $"changes nothing on {told.Host}",
        { } result => result.Replace('-', ' '),
        null => told.Kind.ToWord(),
    };

    private static string GitlabWord(State state) => state switch
    {
        State.Failure => "failed",
        State.Error => "canceled",
        _ => state.ToWord(),
    };

    private enum State
    {
        Pending,
        Success,
        Failure,
        Error,
    }
}
