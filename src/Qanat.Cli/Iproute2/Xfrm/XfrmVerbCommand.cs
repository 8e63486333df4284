namespace Qanat.Cli.Iproute2.Xfrm;

/// <summary>What <c>xfrm state</c> and <c>xfrm policy</c> have in common: the verbs.</summary>
/// <param name="name">The word for what it works on.</param>
/// <param name="verbs">Its verbs. The order decides what an abbreviation means.</param>
internal abstract class XfrmVerbCommand(string name, string[] verbs)
{
    /// <summary>Runs the command.</summary>
    /// <param name="words">What follows the word.</param>
    /// <exception cref="CommandFailure">It cannot be done.</exception>
    public void Run(Words words)
    {
        var word = words.MoveNext() ? words.Current : "list";
        switch (Array.Find(verbs, verb => Words.Abbreviates(word, verb)))
        {
            case "add":
                Add(words);
                break;
            case "update":
                Update(words);
                break;
            case "delete":
                Delete(words);
                break;
            case "get":
                Get(words);
                break;
            case "list" or "show" or "lst":
                List(words);
                break;
            case "deleteall" or "delall":
                DeleteAll(words);
                break;
            case "flush":
                Flush(words);
                break;
            case "count":
                Count();
                break;
            case "help":
                throw Usage();
            case { } other:
                throw XfrmCommand.NotCarried($"xfrm {name} {other}");
            default:
                throw CommandFailure.Nonsense($"Command \"{word}\" is unknown, try \"qanat xfrm {name} help\".");
        }
    }

    /// <summary>Adds one.</summary>
    protected abstract void Add(Words words);

    /// <summary>Replaces one that is there.</summary>
    protected abstract void Update(Words words);

    /// <summary>Deletes one.</summary>
    protected abstract void Delete(Words words);

    /// <summary>Prints one.</summary>
    protected abstract void Get(Words words);

    /// <summary>Prints those that are selected.</summary>
    protected abstract void List(Words words);

    /// <summary>Deletes those that are selected.</summary>
    protected abstract void DeleteAll(Words words);

    /// <summary>Deletes all of a kind.</summary>
    protected abstract void Flush(Words words);

    /// <summary>Prints how many there are.</summary>
    protected abstract void Count();

    /// <summary>The usage, as a failure.</summary>
    protected abstract CommandFailure Usage();

    /// <summary>Deletes those that are there, and those that came meanwhile, until there is none.</summary>
    protected static void DeleteAll<T>(Func<IReadOnlyList<T>> selected, Action<T> delete)
    {
        for (var left = selected(); left.Count > 0; left = selected())
            foreach (var item in left)
                delete(item);
    }
}
