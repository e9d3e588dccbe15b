using Eclusier.Lab;

namespace Eclusier.Acceptance;

/// <summary>A second stack in the shop's installation, with a repository of its own.</summary>
internal static class Neighbour
{
    public static (string Stack, GitRepository Repository) Create(Shop shop) =>
        (shop.Host.NewStack("blog"), GitRepository.Create(Path.Combine(shop.Host.Folder, "git", "blog.git")));

    /// <summary>Without a published port.</summary>
    public static string ComposeOf(Shop shop) => $"services:\n  web: {{ image: {shop.Image("web", "v1")} }}\n";

    /// <param name="more">What else the stacks have in the configuration.</param>
    public static void Configure(Shop shop, int parallel, string more, params (string Stack, string Repository)[] stacks) => shop.Host.Configure($"""
        interval: 1s
        max_parallel_deployments: {parallel}
        stacks:
        {string.Join('\n', stacks.Select(stack => $"  {stack.Stack}: {{ repository: \"{stack.Repository}\", {more}health: {{ timeout: 15s, interval: 500ms, soak: 2s }} }}"))}
        """);

    public static void Configure(Shop shop, int parallel, params (string Stack, string Repository)[] stacks) => Configure(shop, parallel, "", stacks);
}
