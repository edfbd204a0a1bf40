import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.ja.JapaneseAnalyzer;
import org.apache.lucene.analysis.ja.JapaneseTokenizer;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field.Store;
import org.apache.lucene.document.KeywordField;
import org.apache.lucene.document.LongField;
import org.apache.lucene.document.StringField;
import org.apache.lucene.document.TextField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.Term;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;
import org.apache.lucene.util.Version;

/**
 * Lucene on the documents of koe bench: Peer MODE FILE DIR prints one JSON line; DIR is a scratch
 * folder. MODE is tokenise (warm), warm (tokenise and index) or live (updates, reader reopened, cold).
 */
public class Peer {
  static final int REOPEN = 2_000;

  record Doc(String id, String channel, String product, String queue, long at, String text) {}

  /** The measured phase; returns what the note says of it. */
  interface Phase {
    String run() throws IOException;
  }

  public static void main(String[] args) throws Exception {
    String mode = args[0];
    List<Doc> docs = load(Path.of(args[1]));
    Path dir = Path.of(args[2]);
    Analyzer analyzer = analyzer();
    terms(docs.subList(0, 1), analyzer); // loads the dictionary

    Phase phase =
        switch (mode) {
          case "tokenise" -> () -> terms(docs, analyzer) / docs.size() + " terms/doc";
          case "warm" -> () -> index(docs, dir.resolve("index"), analyzer, false);
          case "live" -> () -> index(docs, dir.resolve("index"), analyzer, true);
          default -> throw new IllegalArgumentException(mode);
        };
    switch (mode) { // one pass to warm up; live starts cold
      case "tokenise" -> terms(docs, analyzer);
      case "warm" -> index(docs, dir.resolve("discarded"), analyzer, false);
    }
    System.out.println(measure(mode, docs, phase));
  }

  static List<Doc> load(Path file) throws IOException {
    ObjectMapper json = new ObjectMapper();
    List<Doc> docs = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      JsonNode j = json.readTree(line);
      String at = j.path("occurred_at").asText("");
      String queue = j.path("queue").asText(j.path("pref").asText(""));
      docs.add(
          new Doc(
              j.path("id").asText(""),
              j.path("channel").asText(""),
              j.path("product").asText(""),
              queue,
              at.isEmpty() ? 0 : OffsetDateTime.parse(at).toEpochSecond(),
              j.path("note").asText("") + j.path("text").asText("")));
    }
    return docs;
  }

  /** NORMAL gives one path of words, as koe does; SEARCH, the default, adds the parts of compounds. */
  static Analyzer analyzer() {
    return new JapaneseAnalyzer(
        null,
        JapaneseTokenizer.Mode.NORMAL,
        JapaneseAnalyzer.getDefaultStopSet(),
        JapaneseAnalyzer.getDefaultStopTags());
  }

  static String measure(String mode, List<Doc> docs, Phase phase) throws IOException {
    System.gc(); // what loading and warming up left behind is not the phase's
    var os = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    var threads = ManagementFactory.getThreadMXBean();
    long cpu = os.getProcessCpuTime();
    long own = threads.getCurrentThreadCpuTime();
    long wall = System.nanoTime();
    String found = phase.run();
    wall = System.nanoTime() - wall;
    own = threads.getCurrentThreadCpuTime() - own;
    cpu = os.getProcessCpuTime() - cpu;
    // The JVM still compiles after tens of thousands of documents; the note tells how much cpu was not that.
    return String.format(
        Locale.ROOT,
        "{\"peer\":\"lucene-%s\",\"documents\":%d,\"cpu_s\":%.3f,\"wall_s\":%.3f,"
            + "\"note\":\"Lucene %s, Java %s, %s, %.3f s of the cpu in the working thread\"}",
        mode,
        docs.size(),
        cpu / 1e9,
        wall / 1e9,
        Version.LATEST,
        System.getProperty("java.version"),
        found,
        own / 1e9);
  }

  static long terms(List<Doc> docs, Analyzer analyzer) throws IOException {
    long n = 0;
    for (Doc d : docs) {
      try (TokenStream words = analyzer.tokenStream("text", d.text)) {
        words.reset();
        while (words.incrementToken()) n++;
        words.end();
      }
    }
    return n;
  }

  static String index(List<Doc> docs, Path dir, Analyzer analyzer, boolean live) throws IOException {
    try (Directory files = FSDirectory.open(dir)) {
      // Closing the writer commits and waits for the merges, so their time counts.
      try (IndexWriter writer =
          new IndexWriter(files, new IndexWriterConfig(analyzer).setRAMBufferSizeMB(64))) {
        DirectoryReader reader = live ? DirectoryReader.open(writer) : null;
        int n = 0;
        for (Doc d : docs) {
          if (!live) {
            writer.addDocument(document(d));
            continue;
          }
          writer.updateDocument(new Term("id", d.id), document(d));
          if (++n % REOPEN == 0) {
            DirectoryReader newer = DirectoryReader.openIfChanged(reader, writer);
            reader.close();
            reader = newer;
          }
        }
        if (live) reader.close();
      }
      long bytes = 0;
      for (String name : files.listAll()) bytes += files.fileLength(name);
      return bytes / docs.size() + " B/doc on disk";
    }
  }

  /**
   * KeywordField is the cheaper of Lucene's two ways to facets (counted by StringValueFacetCounts):
   * SortedSetDocValuesFacetField indexes every value a second time for drilling down.
   */
  static Document document(Doc d) {
    Document doc = new Document();
    doc.add(new StringField("id", d.id, Store.YES));
    doc.add(new TextField("text", d.text, Store.NO)); // with positions
    doc.add(new KeywordField("channel", d.channel, Store.NO));
    doc.add(new KeywordField("product", d.product, Store.NO));
    doc.add(new KeywordField("queue", d.queue, Store.NO));
    doc.add(new LongField("occurred_at", d.at, Store.NO)); // sortable
    return doc;
  }
}
