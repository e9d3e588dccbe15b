using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Eclusier.Lab;

/// <summary>The large files of a <see cref="GitHttpServer"/>: git-lfs's batch protocol with the basic transfer, over a folder.</summary>
internal sealed class GitLfsStore(string folder)
{
    private const string Batch = ".git/info/lfs/objects/batch";

    /// <returns><c>false</c>: the request is not about large files.</returns>
    public async Task<bool> TryAnswerAsync(HttpContext context, string url)
    {
        var path = context.Request.Path.Value!;
        if (path.EndsWith(Batch, StringComparison.Ordinal))
        {
            var asked = (await JsonNode.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted))!;
            var objects = asked["objects"]!.AsArray().Select(item => Describe(item!, (string)asked["operation"]!, url, context.Request.Headers.Authorization.ToString()));
            context.Response.ContentType = "application/vnd.git-lfs+json";
            await context.Response.WriteAsync(new JsonObject { ["transfer"] = "basic", ["objects"] = new JsonArray([.. objects]) }.ToJsonString(), context.RequestAborted);
            return true;
        }

        if (!path.StartsWith("/.lfs/", StringComparison.Ordinal))
        {
            return false;
        }

        var file = Path.Combine(folder, Path.GetFileName(path));
        if (HttpMethods.IsPut(context.Request.Method))
        {
            Directory.CreateDirectory(folder);
            await using var stored = File.Create(file);
            await context.Request.Body.CopyToAsync(stored, context.RequestAborted);
        }
        else if (File.Exists(file))
        {
            await context.Response.SendFileAsync(file, context.RequestAborted);
        }
        else
        {
            context.Response.StatusCode = 404;
        }

        return true;
    }

    private JsonObject Describe(JsonNode asked, string operation, string url, string authorization)
    {
        var id = (string)asked["oid"]!;
        var known = File.Exists(Path.Combine(folder, id));
        var answer = new JsonObject { ["oid"] = id, ["size"] = (long)asked["size"]!, ["authenticated"] = true };
        if (operation == "download" && !known)
        {
            answer["error"] = new JsonObject { ["code"] = 404, ["message"] = "Object does not exist" };
        }
        else if (operation == "download" || !known)
        {
            var action = new JsonObject { ["href"] = $"{url}/.lfs/{id}" };
            if (authorization.Length > 0)
            {
                action["header"] = new JsonObject { ["Authorization"] = authorization };
            }

            answer["actions"] = new JsonObject { [operation] = action };
        }

        return answer;
    }
}
