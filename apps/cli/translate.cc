// SPDX-License-Identifier: Apache-2.0
#include "apps/cli/translate.h"

#include <map>
#include <optional>
#include <utility>

#include "apps/cli/progress.h"
#include "sheaf/train/translations.h"

namespace sheaf::cli {

void translate_workload(const Flags& flags, const engine::Workload& workload,
                        const std::function<void(std::uint32_t, const engine::Decoded&)>& sink) {
  std::optional<base::ThreadPool> pool;
  engine::Options options = session_options(flags, workload);
  if (flags.threads > 1) options.pool = &pool.emplace(flags.threads);
  engine::Translator translator(*train::as_translator(*workload.model),
                                {.beam = flags.beam,
                                 .end = engine::end_row(workload.vocabularies.target),
                                 .growing = {.most_alive = flags.batch}},
                                std::move(options));
  ProgressBar bar("sentences", workload.instances.size());
  std::size_t done = 0;
  std::uint32_t wanted = 0;
  std::map<std::uint32_t, engine::Decoded> early;
  translator.translate(workload.instances, [&](std::uint32_t index, engine::Decoded translation) {
    bar.show(++done);
    early.emplace(index, std::move(translation));
    for (auto it = early.begin(); it != early.end() && it->first == wanted; ++wanted) {
      sink(wanted, it->second);
      it = early.erase(it);
    }
  });
}

}  // namespace sheaf::cli
