using System.Text.Json.Nodes;
using Eclusier.Core.Stacks;

namespace Eclusier.Core.Releases;

/// <summary>For those who can do without a release whose folder is damaged or gone.</summary>
public static class ReleaseStoreExtensions
{
    /// <returns><c>null</c>: its folder is damaged or missing.</returns>
    public static Release? FindWhole(this IReleaseStore releases, StackName stack, string id) => releases.FindDamage(stack, id) is null ? releases.Load(stack, id) : null;

    /// <returns><c>null</c>: its folder is damaged or missing.</returns>
    public static JsonObject? FindWholeModel(this IReleaseStore releases, StackName stack, string id) => releases.FindDamage(stack, id) is null ? releases.LoadModel(stack, id) : null;
}
