using Eclusier.Adapters.Configuration.Yaml;

namespace Eclusier.Adapters.Configuration.Reading;

/// <summary>Gathers mistakes, so that all of them are told at once.</summary>
internal sealed class Problems(string file)
{
    private readonly List<ConfigurationProblem> _problems = [];
    private readonly List<ConfigurationProblem> _warnings = [];

    public bool Any => _problems.Count > 0;

    public IReadOnlyList<ConfigurationProblem> All => InOrder(_problems);

    public IReadOnlyList<ConfigurationProblem> Warnings => InOrder(_warnings);

    public void Add(Position position, string path, string message) => _problems.Add(At(position, path, message));

    public void Warn(Position position, string path, string message) => _warnings.Add(At(position, path, message));

    private ConfigurationProblem At(Position position, string path, string message) => new(file, position.Line, position.Column, path, message);

    // A value that several stacks share through an alias is wrong once.
    private static IReadOnlyList<ConfigurationProblem> InOrder(List<ConfigurationProblem> problems) =>
        [.. problems.DistinctBy(problem => (problem.Line, problem.Column, problem.Message)).OrderBy(problem => problem.Line).ThenBy(problem => problem.Column)];
}
