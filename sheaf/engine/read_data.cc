// SPDX-License-Identifier: Apache-2.0
#include "sheaf/engine/read_data.h"

#include <string>
#include <utility>

#include "sheaf/base/error.h"
#include "sheaf/engine/block_reader.h"
#include "sheaf/io/file.h"
#include "sheaf/io/random_data.h"
#include "sheaf/io/spelling.h"

namespace sheaf::engine {
namespace {

// The words that are not rare in --counts, or in the data themselves.
nn::Vocabulary counted_words(const WorkloadOptions& options, io::Format format,
                             std::string_view text) {
  const auto count = [](io::Format of, std::string_view from, const std::string& path) {
    io::LabelIndex unused;
    if (of == io::Format::bmes) return io::frequent_words(io::read_bmes(from, path, unused));
    if (of == io::Format::text) return io::frequent_words(io::read_words(from, path));
    return io::frequent_words(io::read_tagged_text(from, path, unused));
  };
  if (options.counts.empty()) return count(format, text, options.data);
  const std::string counted = io::read_file(options.counts);
  const io::Format guess = io::guess_format(counted);
  return count(guess == io::Format::bmes ? guess : io::Format::tagged, counted, options.counts);
}

class DataReader {
 public:
  DataReader(const WorkloadOptions& options, const ModelData& row, const io::WeightsFile* weights)
      : options_(options),
        row_(row),
        given_(weights != nullptr || options.vocabularies),
        known_(known_names(options, weights)) {}

  void read(Workload& workload) {
    if (io::is_random_data(options_.data)) {
      make_random(workload);
      return;
    }
    const std::string text = io::read_file(options_.data);
    const io::Format format = choose_format(options_, row_, text);
    const bool spelt = row_.model == "bilstm_tagger_char";
    if (spelt && known_.names.words.empty()) {
      known_.names.words = counted_words(options_, format, text);
    }
    const std::string target = options_.target.empty() ? "" : io::read_file(options_.target);
    BlockReader reader(options_, row_, format, known_, BlockReader::Purpose::run);
    workload.instances = reader.read({text, options_.data}, {target, options_.target});
    workload.vocabularies = reader.vocabularies();
  }

 private:
  void make_random(Workload& workload) const {
    io::RandomData data = io::random_data(options_.data);
    if (data.kind != name(row_.kind)) {
      refuse_option(options_, "--data", "random " + data.kind, "random " + name(row_.kind));
    }
    workload.instances = std::move(data.instances);
    workload.vocabularies = std::move(data.vocabularies);
    if (!given_) return;
    // What the weights have may be more than what the data use.
    nn::Vocabularies& names = workload.vocabularies;
    keep("vocabulary", known_.names.words, known_.word_rows, names.words);
    if (known_.character_rows > 0) {
      keep("characters", known_.names.characters, known_.character_rows, names.characters);
    }
    if (known_.target_rows > 0) {
      keep("target", known_.names.target, known_.target_rows, names.target);
    }
    const auto labels = static_cast<std::uint32_t>(known_.names.labels.size());
    if (labels > 0) keep("labels", known_.names.labels, labels, names.labels);
  }

  void keep(const char* what, const nn::Vocabulary& known, std::uint32_t rows,
            nn::Vocabulary& names) const {
    if (names.size() > rows) {
      throw base::UsageError({"--data", std::string(what) + " of the random data",
                              std::to_string(names.size()),
                              "at most " + std::to_string(rows) + ", which the weights have"});
    }
    names = known.empty() ? numbered(rows) : known;
  }

  const WorkloadOptions& options_;
  const ModelData& row_;
  bool given_;  // by weights or by a vocabulary
  KnownNames known_;
};

}  // namespace

void read_data(const WorkloadOptions& options, const ModelData& row, const io::WeightsFile* weights,
               Workload& workload) {
  DataReader(options, row, weights).read(workload);
}

}  // namespace sheaf::engine
