using System.Runtime.InteropServices;

namespace Qanat.Linux.Storage;

/// <summary>Files in a folder that anybody may have taken away.</summary>
public static class Files
{
    /// <summary>Deletes a file; one that is not there, with its folder or without, is no error.</summary>
    /// <exception cref="IOException">It could not be deleted.</exception>
    public static void Delete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (DirectoryNotFoundException)
        {
        }
    }

    /// <summary>
    /// Gives a file a name that no file has (link(2)). Of several processes that want it at once one gets it, which File.Move does
    /// not promise.
    /// </summary>
    /// <exception cref="LinuxException">EEXIST: there is a file of that name; or others. The file keeps the name that it has.</exception>
    public static void MoveToNew(string path, string target)
    {
        if (Interop.Unistd.link(path, target) < 0)
            throw new LinuxException($"make {target}", Marshal.GetLastSystemError());
        File.Delete(path);
    }
}
