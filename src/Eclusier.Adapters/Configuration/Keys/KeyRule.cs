namespace Eclusier.Adapters.Configuration.Keys;

/// <summary>Which keys of a group go together.</summary>
internal abstract record KeyRule
{
    private KeyRule() { }

    public abstract void Check(GroupReading reading);

    /// <summary>Of these keys one may be given, or must.</summary>
    public sealed record OneOf(bool IsRequired, params IReadOnlyList<Key> Keys) : KeyRule
    {
        public override void Check(GroupReading reading)
        {
            var given = Keys.Where(reading.Has).OrderBy(key => reading.FieldOf(key).KeyPosition.Line).ThenBy(key => reading.FieldOf(key).KeyPosition.Column).ToArray();
            foreach (var key in given.Skip(1))
            {
                reading.FieldOf(key).FailAtKey($"contradicts '{given[0].Name}' in line {reading.FieldOf(given[0]).KeyPosition.Line}; give only one of {Names(Keys)}");
            }

            if (IsRequired && given.Length == 0)
            {
                reading.Field.FailAtKey($"one of {Names(Keys)} is missing");
            }
        }
    }

    /// <summary>A key that has a meaning only beside one of others.</summary>
    public sealed record OnlyWith(Key Key, params IReadOnlyList<Key> Others) : KeyRule
    {
        public override void Check(GroupReading reading)
        {
            if (reading.Has(Key) && !Others.Any(reading.Has))
            {
                reading.FieldOf(Key).FailAtKey($"has a meaning only with {Names(Others)}");
            }
        }
    }

    /// <summary>A key that contradicts what others say.</summary>
    /// <param name="Contradiction">What is wrong with it, or <c>null</c>.</param>
    public sealed record NotWith(Key Key, Func<GroupReading, string?> Contradiction) : KeyRule
    {
        public override void Check(GroupReading reading)
        {
            if (reading.Has(Key) && Contradiction(reading) is { } contradiction)
            {
                reading.FieldOf(Key).FailAtKey(contradiction);
            }
        }
    }

    /// <summary>Which keys are given is decided by the word that another key has.</summary>
    /// <param name="WordOf">The word, or <c>null</c> when it is missing or wrong.</param>
    /// <param name="Always">Keys that go with every word.</param>
    public sealed record ByWord(Key Chooser, Func<GroupReading, string?> WordOf, IReadOnlyList<Key> Always, params IReadOnlyList<ForWord> Words) : KeyRule
    {
        public override void Check(GroupReading reading)
        {
            if (WordOf(reading) is not { } word)
            {
                return; // reported already
            }

            var rule = Words.Single(rule => rule.Word == word);
            foreach (var keys in rule.Required.Where(keys => !keys.Any(reading.Has)))
            {
                reading.Field.FailAtKey(keys.Count == 1 ? $"'{keys[0].Name}' is missing, which '{Chooser.Name}: {word}' needs" : $"one of {Names(keys)} is missing");
            }

            foreach (var key in Words.SelectMany(other => other.All).Distinct().Except(rule.All).Where(reading.Has))
            {
                reading.FieldOf(key).FailAtKey($"has no meaning with '{Chooser.Name}: {word}', which takes {Names([.. rule.All, .. Always], "and")}");
            }
        }
    }

    /// <summary>The keys that go with one word.</summary>
    /// <param name="Required">Of each of these lists one must be given.</param>
    public sealed record ForWord(string Word, IReadOnlyList<IReadOnlyList<Key>> Required, IReadOnlyList<Key> Optional)
    {
        public IEnumerable<Key> All => Required.SelectMany(keys => keys).Concat(Optional);
    }

    public static string Names(IReadOnlyList<Key> keys, string conjunction = "or") => keys.Count == 1
        ? $"'{keys[0].Name}'"
        : $"{string.Join(", ", keys.Take(keys.Count - 1).Select(key => $"'{key.Name}'"))} {conjunction} '{keys[^1].Name}'";
}
